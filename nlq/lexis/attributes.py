"""The words by which people name the properties: for lookups, comparisons, rankings and groups.

The list of properties is closed (`ontology.properties`); these are the English words for them. Everything that is
open (topics, sensors, names, classes, places) comes from the graph instead.
"""

from __future__ import annotations

# property -> noun phrases, singular, folded; longer phrases win over shorter ones
NOUNS: dict[str, str] = {
    "topic": "topic|theme|subject|subject matter|thematic area",
    "task": "task|machine learning task|ml task|purpose|learning task",
    "temporal": "temporal structure|temporal type",
    "num_classes": "number of classes|number of categories|class count|number of labels|number of land cover classes"
    "|classes count|number of distinct classes|number of label classes|category count",
    "class_label": "class|category|class name|label class|class label|label name|class list|legend|nomenclature"
    "|category name|label set|list of classes|kinds of label|classes names",
    "publication_year":
        "publication year|year of publication|release year|release date|publication date|publishing year"
    "|year of release|date of publication|year published|year of first publication",
    "version": "version|version number|release number",
    "license": "licence|license|licensing|licence terms|terms of use|licencing|usage terms|usage licence|spdx",
    "commercial_use": "",
    "access": "access|access conditions|access rights|availability|access type|access requirement|access terms",
    "publisher":
        "publisher|publishing organisation|publishing organization|publishing institution|provider"
        "|publishing body|data provider",
    "creator": "creator|author|maker|producer|originator",
    "project": "project|programme|research project",
    "funder": "funder|sponsor|funding|funding body|funding source|funding agency",
    "doi": "doi|digital object identifier",
    "paper": "paper|publication|article|reference|citation|accompanying paper|reference paper|companion paper"
    "|scientific paper|accompanying article",
    "homepage": "homepage|home page|web page|webpage|website|web site|url|link|project page|landing page|web address",
    "keyword": "keyword|tag",
    "format": "format|file format|file type|data format|image format|storage format",
    "sensor": "sensor|satellite|platform|mission|imagery source|source satellite|instrument",
    "modality":
        "modality|kind of data|data type|sensor type|type of imagery|kind of imagery|type of sensor|kind "
        "of sensor"
    "|data modality|type of data|image type|sensor kind",
    "band": "band|spectral band|channel|spectral channel",
    "num_bands": "number of bands|band count|number of channels|number of spectral bands|channel count",
    "resolution_m": "resolution|ground sampling distance|gsd|spatial resolution|ground resolution|pixel size"
    "|res|pixel spacing|ground pixel size|image resolution|ground sample distance|spatial detail",
    "coverage": "coverage|geographic coverage|region|area covered|spatial coverage|geographical coverage|spatial extent"
    "|region covered|location|study area|area|geographic extent",
    "num_countries": "number of countries|country count",
    "scene_type": "scene type|landscape type|type of landscape|kind of landscape",
    "time_start": "start date|first acquisition date|first date|beginning of coverage",
    "time_end": "end date|last acquisition date|last date|end of coverage",
    "num_samples": "number of samples|sample count|sample size|number of labelled samples|number of labeled samples"
    "|number of patches|number of chips|number of parcels|patch count|number of training samples"
    "|number of annotated samples|sample number|amount of samples|number of labels samples",
    "num_images": "number of images|image count|number of tiles|number of pictures|number of scenes|number of image"
    "|image number|amount of images|number of image pairs",
    "num_instances": "number of instances|instance count|number of objects|object count|number of annotated objects"
    "|number of annotations|number of bounding boxes|number of polygons|number of annotated instances"
    "|number of boxes|annotation count|number of labelled objects|number of labeled objects",
    "image_size_px": "image size|patch size|tile size|chip size|image dimension|edge length|image width|image height"
    "|patch dimension|size of the images|size of images|width in pixels|picture size|size in pixels|image edge length",
    "size_gb": "size|download size|file size|data volume|volume|disk space|disk usage|storage|storage space|disc space"
    "|archive size|download volume|size on disk|storage size|size of the download|footprint on disk"
    "|download|data size|storage need|space",
    "crs":
        "coordinate reference system|crs|projection|coordinate system|map projection|epsg code|spatial "
        "reference system|spatial reference",
    "annotation_type": "annotation type|label type|type of labels|type of annotation|kind of labels|kind of annotation"
    "|form of labels|form of the labels|type of label|kind of label|label format|annotation format|annotation form",
    "annotation_source": "annotation source|label source|labelling method|labeling method|source of the labels"
    "|origin of the labels|annotation method|label origin|source of labels|origin of labels",
    "split": "split|predefined split|data split|train test split",
    "benchmark": "benchmark suite|challenge",
    "quality_level": "quality level|quality score|quality rating|quality grade",
    "derived_from": "source dataset|parent dataset|base dataset",
    "trained_model": "",
    "fine_tuned_model": "",
    "evaluated_model": "",
    "model_type": "model type|type of model|kind of model",
    "architecture":
        "architecture|network architecture|backbone architecture|network type|model architecture|network "
        "design",
    "num_parameters": "number of parameters|parameter count|parameter|model size|trainable parameter|weight count"
    "|number of weights|number of trainable parameters|params|param|size in parameters|param count",
    "size_mb":
        "weights size|weight file size|checkpoint size|weights file size|size of the weights|size of the "
        "weights file|model file size"
    "|weight file|weights file|file of weights|checkpoint file size|size of the checkpoint|weights "
    "download|checkpoint file|model file",
    "framework": "framework|software framework|deep learning framework|library|software",
    "hardware": "hardware|hardware requirement",
    "gpu_memory_gb":
        "gpu memory|vram|video memory|graphics memory|gpu ram|memory on the gpu|graphics card memory|memory",
    "input_sensor": "input sensor|input satellite",
    "input_modality": "input modality|input type|kind of input|type of input",
    "output_modality": "output modality",
    "input_band": "input band|input channel",
    "num_input_bands": "number of input bands|number of input channels|input band count|input bands count",
    "input_size_px": "input size|input image size|input resolution|input dimension|input edge length|input patch size",
    "output_resolution_m": "output resolution|output pixel size|output ground sampling distance",
    "scale_factor":
        "scale factor|scaling factor|upscaling factor|magnification|enlargement|upsampling factor"
        "|enlargement factor|zoom factor",
    "pretraining":
        "pre-training method|pretraining method|pre-training strategy|pretraining strategy|pre-training "
        "scheme"
    "|self-supervised method|pretraining scheme|pretraining objective|pre-training objective"
    "|pre-training technique|pretraining",
    "trained_on": "training data|training dataset|training set|pre-training data|pretraining data|pre-training dataset"
    "|pretraining dataset|training corpus|pre-training corpus|pretraining corpus|pre-training set|pretraining set",
    "fine_tuned_on": "fine-tuning data|fine-tuning dataset|finetuning data|fine-tuning set",
    "evaluated_on": "evaluation dataset|test dataset|evaluation data|test data|evaluation set",
    "initialised_from": "initial weights|initialisation|initialization|starting weights|base model|parent model",
    "metric": "metric|evaluation metric",
    "metric_value": "score|metric value",
    "mission": "mission|satellite mission",
    "platform": "platform|spacecraft|satellite",
    "instrument": "instrument|sensor",
    "product_type": "product type",
    "processing_level": "processing level|product level|level of processing",
    "collection": "collection",
    "timeliness": "timeliness|delivery class",
    "sensor_mode": "acquisition mode|sensor mode|imaging mode|beam mode|mode",
    "polarisation": "polarisation|polarization|polarisation channel|polarization channel",
    "orbit_direction": "orbit direction|pass direction|flight direction|direction of flight",
    "relative_orbit": "relative orbit|relative orbit number|track|track number|rel orbit",
    "absolute_orbit": "absolute orbit|absolute orbit number|orbit|orbit number",
    "tile_id": "mgrs tile|tile id|tile number|tile name|tile identifier",
    "wrs_path": "wrs path|path",
    "wrs_row": "wrs row|row",
    "product_id": "product id|product identifier|scene id|product name|scene identifier",
    "cloud_cover":
        "cloud cover|cloud coverage|cloud|cloudiness|cloud percentage|cloud fraction|clouds|cloudy|cloud "
        "cover percentage"
    "|cloud amount|overcast|clouded|share of clouds|cloud share|cloud content|cloud contamination"
    "|percentage of clouds|cloud cover fraction",
    "snow_cover":
        "snow cover|snow coverage|snow|snow percentage|snow and ice|snow fraction|snow share|snowy|snow "
        "covered|ice and snow|snow or ice|snow and ice cover",
    "vegetation_percentage":
        "vegetation|vegetation percentage|vegetation cover|vegetation coverage|vegetation share|vegetated"
        "|vegetation fraction|green cover|plant cover",
    "water_percentage": "water|water percentage|water cover|water coverage|water share|water fraction|water surface",
    "bare_soil_percentage":
        "bare soil|bare soil percentage|bare ground|bare earth|bare soil share|bare land|not vegetated"
        "|bare soil cover|bare soil fraction",
    "nodata_percentage":
        "nodata|no data|no-data|nodata percentage|missing pixel|missing data|nodata share|no data pixel"
        "|nodata pixel|empty pixel|black pixel|missing value|no data percentage|no-data percentage",
    "sun_elevation":
        "sun elevation|solar elevation|sun height|sun angle|elevation of the sun|sun elevation angle"
        "|height of the sun|solar elevation angle|sun altitude|solar altitude|sun position|sun",
    "incidence_angle": "incidence angle|incident angle|view angle|look angle|viewing angle|off-nadir angle",
    "parameter": "geophysical parameter|geophysical quantity",
    "acquisition_time":
        "acquisition date|acquisition time|sensing time|sensing date|date of acquisition|recording time"
        "|capture date|time of acquisition|date of capture|recording date|sensing start|date taken",
    "ingestion_time": "ingestion time|ingestion date|date of ingestion|ingested",
    "area_km2": "area|surface area|surface|extent",
    "population": "population|inhabitant|people|resident|population count",
    "elevation_m": "elevation|height|altitude|summit height",
    "length_km": "length",
    "depth_m": "depth",
}  # fmt: skip

# nouns that count things when a number stands before them: "at least 20 classes"
COUNTED: dict[str, str] = {
    "num_classes":
        "class|classes|category|categories|label class|land cover class|land use class|crop class|label "
        "categories"
    "|scene class|scene classes|object type|object kind|object class|object classes|target class|land cover classes"
    "|crop "
    "classes|object categories"
    "|distinct classes|different classes|label classes|semantic classes|crop types|classes of objects"
    "|kinds of label|land use classes|scene categories|land cover categories"
    "|distinct categories|different categories|tree species|labels classes|label types|types of object"
    "|cloud classes|damage classes|damage levels",
    "num_samples": "sample|patch|chip|parcel|labelled sample|labeled sample|training sample|data point|labelled patch"
    "|labeled patch|example|training example|annotated sample|image patch|labelled pixel|field parcel"
    "|labelled parcel|time series|labelled example|labeled example|labelled chip|labeled chip|samples"
    "|patches|pixel time series|image chip|labelled patches|image-text pair|training patch|training "
    "chip|record|event|annotated patch",
    "num_images":
        "image|picture|scene|photo|image pair|tile|frame|photograph|aerial image|satellite image|aerial "
        "photo|orthophoto|image tile|labelled image|labeled image|annotated image|training image|"
        "images|shot|pic|img",
    "num_instances":
        "instance|object|annotated object|bounding box|annotation|labelled object|labeled object|annotated "
        "instance"
    "|object instance|polygon|building footprint|box|annotated building|labelled instance|annotated "
    "ship|annotated vehicle|marked object|labelled building|individual object|labeled instance",
    "num_bands": "band|channel|spectral band|spectral channel|input band|input channel|bands|channels",
    "num_countries": "country|countries|nation|state",
    "num_parameters": "parameter|param|trainable parameter|weight|trainable weight|params|parameters",
    "publication_year": "",
    "population": "inhabitant|people|resident|inhabitants|residents|souls",
}  # fmt: skip

# model property that stands for a dataset property of the same words
FOR_MODELS = {
    "sensor": "input_sensor",
    "modality": "input_modality",
    "band": "input_band",
    "num_bands": "num_input_bands",
    "image_size_px": "input_size_px",
    "resolution_m": "output_resolution_m",
    "size_gb": "size_mb",
}
FOR_DATASETS = {ours: theirs for theirs, ours in FOR_MODELS.items()} | {
    "platform": "sensor",
    "mission": "sensor",
    "instrument": "sensor",
}
FOR_PRODUCTS = {"sensor": "mission", "time_start": "acquisition_time", "time_end": "acquisition_time"}

# properties that take another one's words in the place of a kind ("large lakes over 100 km2")
PLACE_PROPERTIES = ("area_km2", "population", "elevation_m", "length_km", "depth_m")


def noun_entries() -> list[tuple[str, str]]:
    """(phrase, property) of all nouns; a phrase may name several properties."""
    entries = [(phrase, name) for name, phrases in NOUNS.items() for phrase in phrases.split("|") if phrase]
    short = [
        (f"{word} {phrase.removeprefix('number of ')}", name)
        for phrase, name in entries
        if phrase.startswith("number of ")
        for word in ("num", "nr of", "no of", "nb of")
    ]
    return entries + short


def counted_entries() -> list[tuple[str, str]]:
    """(phrase, property) of the nouns that numbers count."""
    return [(phrase, name) for name, phrases in COUNTED.items() for phrase in phrases.split("|") if phrase]
