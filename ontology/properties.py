"""The properties that records hold, questions name and queries use: one table for all of them.

A property has the same name in a catalogue record (YAML key), in a question's interpretation and here; `path` is
where the graph holds its value. Names, units and value lists follow the published interpretation conventions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

Target = OneOf["dataset", "model", "product", "place"]
Kind = OneOf["text", "concept", "class", "sensor", "record", "place", "integer", "number", "date", "boolean"]


@dataclass(frozen=True, slots=True)
class Property:
    """One property of datasets, models, scenes or places.

    Attributes:
        name: name in records and questions, such as `resolution_m`.
        targets: what may have it.
        path: SPARQL 1.1 property path from the thing to the value, with the prefixes of `ontology.namespaces`.
        kind: text, integer, number, date, boolean: a literal. concept: a `skos:Concept` of `scheme`. class: a label
            class (`skos:Concept` of the dataset's own scheme, SKOS-matched to the taxonomies). sensor: a mission,
            spacecraft or instrument (narrower ones count). record: a dataset or model. place: a `geo:Feature`.
        many: whether a record may hold several values at once.
        unit: unit of the value in questions and records.
        scale: graph value = question value x scale (a size of 2 GB is held as 2,000,000,000 bytes).
        scheme: concept scheme of the values.
    """

    name: str
    targets: tuple[Target, ...]
    path: str
    kind: Kind
    many: bool = False
    unit: str = ""
    scale: int = 1
    scheme: str = ""

    @property
    def is_number(self) -> bool:
        """Whether values can be compared and summed."""
        return self.kind in ("integer", "number")


def _row(
    name: str,
    targets: str,
    path: str,
    kind: Kind,
    *,
    many: bool = False,
    unit: str = "",
    scale: int = 1,
    scheme: str = "",
) -> Property:
    return Property(name, tuple(targets.split()), path, kind, many, unit, scale, scheme)  # type: ignore[arg-type]


_ROWS = (
    _row("name", "dataset model", "dct:title|skos:altLabel", "text", many=True),
    _row("topic", "dataset model", "dcat:theme", "concept", many=True, scheme="topic"),
    _row("task", "dataset model", "ed:task", "concept", many=True, scheme="task"),
    _row("temporal", "dataset model", "ed:temporalStructure", "concept", scheme="temporal"),
    _row("num_classes", "dataset model", "ed:classCount", "integer", unit="classes"),
    _row("class_label", "dataset model", "ed:labelClass", "class", many=True),
    _row("publication_year", "dataset model", "ed:publicationYear", "integer", unit="year"),
    _row("version", "dataset model", "dcat:version", "text"),
    _row("license", "dataset model", "dct:license/spdx:licenseId", "text"),
    _row("commercial_use", "dataset model", "dct:license/ed:permitsCommercialUse", "boolean"),
    _row("access", "dataset model", "dct:accessRights", "concept", scheme="access"),
    _row("publisher", "dataset model", "dct:publisher/foaf:name", "text", many=True),
    _row("creator", "dataset model", "dct:creator/foaf:name", "text", many=True),
    _row("project", "dataset model", "ed:project/foaf:name", "text", many=True),
    _row("funder", "dataset model", "schema:funder/foaf:name", "text", many=True),
    _row("doi", "dataset model", "bibo:doi", "text"),
    _row("paper", "dataset model", "dct:isReferencedBy", "text"),
    _row("homepage", "dataset model", "dcat:landingPage", "text"),
    _row("keyword", "dataset model", "dcat:keyword", "text", many=True),
    _row("format", "dataset model", "dcat:distribution/dct:format", "concept", many=True, scheme="format"),
    _row("sensor", "dataset", "ed:sensor", "sensor", many=True, scheme="sensor"),
    _row("modality", "dataset", "ed:modality", "concept", many=True, scheme="modality"),
    _row("band", "dataset product", "ed:band", "concept", many=True, scheme="band"),
    _row("num_bands", "dataset", "ed:bandCount", "integer", unit="bands"),
    _row("resolution_m", "dataset product", "dcat:spatialResolutionInMeters", "number", unit="m"),
    _row("coverage", "dataset", "dct:spatial", "place", many=True),
    _row("num_countries", "dataset", "ed:countryCount", "integer", unit="countries"),
    _row("scene_type", "dataset", "ed:sceneType", "concept", many=True, scheme="scene-type"),
    _row("time_start", "dataset", "dct:temporal/dcat:startDate", "date"),
    _row("time_end", "dataset", "dct:temporal/dcat:endDate", "date"),
    _row("num_samples", "dataset", "ed:sampleCount", "integer", unit="samples"),
    _row("num_images", "dataset", "ed:imageCount", "integer", unit="images"),
    _row("num_instances", "dataset", "ed:instanceCount", "integer", unit="objects"),
    _row("image_size_px", "dataset", "ed:imageSize", "integer", unit="pixel"),
    _row("size_gb", "dataset", "ed:totalByteSize", "number", unit="GB", scale=1_000_000_000),
    _row("crs", "dataset", "ed:crs", "text"),
    _row("annotation_type", "dataset", "ed:annotationType", "concept", many=True, scheme="annotation-type"),
    _row("annotation_source", "dataset", "ed:annotationSource", "concept", many=True, scheme="annotation-source"),
    _row("split", "dataset", "ed:split/dct:title", "text", many=True),
    _row("benchmark", "dataset", "ed:benchmark", "text", many=True),
    _row("quality_level", "dataset", "ed:qualityLevel", "integer"),
    _row("derived_from", "dataset", "prov:wasDerivedFrom", "record", many=True),
    _row("trained_model", "dataset", "^it6:trainedOn", "record", many=True),
    _row("fine_tuned_model", "dataset", "^ed:fineTunedOn", "record", many=True),
    _row("evaluated_model", "dataset", "^ed:evaluatedOn/^dqv:hasQualityMeasurement", "record", many=True),
    _row("model_type", "model", "ed:modelType", "concept", scheme="model-type"),
    _row("architecture", "model", "ed:architecture", "concept", many=True, scheme="architecture"),
    _row("num_parameters", "model", "ed:parameterCount", "integer", unit="parameters"),
    _row("size_mb", "model", "ed:totalByteSize", "number", unit="MB", scale=1_000_000),
    _row("framework", "model", "ed:framework", "concept", scheme="framework"),
    _row("hardware", "model", "ed:hardware", "concept", many=True, scheme="hardware"),
    _row("gpu_memory_gb", "model", "ed:gpuMemory", "number", unit="GB"),
    _row("input_sensor", "model", "ed:sensor", "sensor", many=True, scheme="sensor"),
    _row("input_modality", "model", "ed:modality", "concept", many=True, scheme="modality"),
    _row("output_modality", "model", "ed:outputModality", "concept", many=True, scheme="modality"),
    _row("input_band", "model", "ed:band", "concept", many=True, scheme="band"),
    _row("num_input_bands", "model", "ed:bandCount", "integer", unit="bands"),
    _row("input_size_px", "model", "ed:imageSize", "integer", unit="pixel"),
    _row("output_resolution_m", "model", "dcat:spatialResolutionInMeters", "number", unit="m"),
    _row("scale_factor", "model", "ed:scaleFactor", "number"),
    _row("pretraining", "model", "ed:pretrainingMethod", "concept", many=True, scheme="pretraining"),
    _row("trained_on", "model", "it6:trainedOn", "record", many=True),
    _row("fine_tuned_on", "model", "ed:fineTunedOn", "record", many=True),
    _row("evaluated_on", "model", "dqv:hasQualityMeasurement/ed:evaluatedOn", "record", many=True),
    _row("initialised_from", "model", "it6:fineTunedFrom", "record", many=True),
    _row("metric", "model", "dqv:hasQualityMeasurement/dqv:isMeasurementOf", "concept", scheme="metric"),
    _row("metric_value", "model", "dqv:hasQualityMeasurement/dqv:value", "number"),
    _row("mission", "product", "ed:mission", "sensor", scheme="sensor"),
    _row("platform", "product", "ed:platform", "sensor", scheme="sensor"),
    _row("instrument", "product", "ed:instrument", "sensor", many=True, scheme="sensor"),
    _row("product_type", "product", "ed:productType", "text"),
    _row("processing_level", "product", "ed:processingLevel", "text"),
    _row("collection", "product", "ed:collection", "text"),
    _row("timeliness", "product", "ed:timeliness", "text"),
    _row("sensor_mode", "product model", "ed:sensorMode", "text"),
    _row("polarisation", "product", "ed:polarisation", "text", many=True),
    _row("orbit_direction", "product", "ed:orbitDirection", "text"),
    _row("relative_orbit", "product", "ed:relativeOrbit", "integer"),
    _row("absolute_orbit", "product", "ed:absoluteOrbit", "integer"),
    _row("tile_id", "product", "ed:mgrsTile", "text"),
    _row("wrs_path", "product", "ed:wrsPath", "integer"),
    _row("wrs_row", "product", "ed:wrsRow", "integer"),
    _row("product_id", "product", "dct:identifier", "text"),
    _row("cloud_cover", "product", "ed:cloudCover", "number", unit="%"),
    _row("snow_cover", "product", "ed:snowCover", "number", unit="%"),
    _row("vegetation_percentage", "product", "ed:vegetationPercentage", "number", unit="%"),
    _row("water_percentage", "product", "ed:waterPercentage", "number", unit="%"),
    _row("bare_soil_percentage", "product", "ed:bareSoilPercentage", "number", unit="%"),
    _row("nodata_percentage", "product", "ed:nodataPercentage", "number", unit="%"),
    _row("sun_elevation", "product", "ed:sunElevation", "number", unit="degree"),
    _row("incidence_angle", "product", "ed:incidenceAngle", "number", unit="degree"),
    _row("parameter", "product", "ed:parameter", "text"),
    _row("acquisition_time", "product", "sosa:resultTime", "date"),
    _row("ingestion_time", "product", "dct:created", "date"),
    _row("area_km2", "place", "ed:areaKm2", "number", unit="km²"),
    _row("population", "place", "ed:population", "integer", unit="people"),
    _row("elevation_m", "place", "ed:elevation", "number", unit="m"),
    _row("length_km", "place", "ed:lengthKm", "number", unit="km"),
    _row("depth_m", "place", "ed:depth", "number", unit="m"),
)

PROPERTIES: dict[str, Property] = {row.name: row for row in _ROWS}


def properties_of(target: Target) -> tuple[Property, ...]:
    """The properties that a dataset, model, product or place may have."""
    return tuple(row for row in _ROWS if target in row.targets)
