"""Adjectives of countries: `Polish cities` are cities in Poland."""

from __future__ import annotations

_TABLE = """afghan Afghanistan
|albanian Albania|algerian Algeria|angolan Angola|argentinian Argentina|argentine Argentina
|armenian Armenia|australian Australia|austrian Austria|azerbaijani Azerbaijan|bangladeshi Bangladesh
|belarusian Belarus|belgian Belgium|beninese Benin|bolivian Bolivia|bosnian Bosnia and Herzegovina
|brazilian Brazil|british United Kingdom|bulgarian Bulgaria|burmese Myanmar|cambodian Cambodia
|cameroonian Cameroon|canadian Canada|chadian Chad|chilean Chile|chinese China|colombian Colombia
|congolese Democratic Republic of the Congo|croatian Croatia|cuban Cuba|cypriot Cyprus|czech Czechia
|danish Denmark|dutch Netherlands|ecuadorian Ecuador|egyptian Egypt|emirati United Arab Emirates|english England
|estonian Estonia|ethiopian Ethiopia|fijian Fiji|finnish Finland|french France|gabonese Gabon|georgian Georgia
|german Germany|ghanaian Ghana|greek Greece|greenlandic Greenland|guatemalan Guatemala|guinean Guinea
|haitian Haiti|honduran Honduras|hungarian Hungary|icelandic Iceland|indian India|indonesian Indonesia
|iranian Iran|iraqi Iraq|irish Ireland|israeli Israel|italian Italy|ivorian Ivory Coast|jamaican Jamaica
|japanese Japan|jordanian Jordan|kazakh Kazakhstan|kenyan Kenya|korean South Korea|kosovan Kosovo|kuwaiti Kuwait
|kyrgyz Kyrgyzstan|laotian Laos|latvian Latvia|lebanese Lebanon|liberian Liberia|libyan Libya
|lithuanian Lithuania|luxembourgish Luxembourg|macedonian North Macedonia|malagasy Madagascar|malawian Malawi
|malaysian Malaysia|malian Mali|maltese Malta|mauritanian Mauritania|mauritian Mauritius|mexican Mexico
|moldovan Moldova|mongolian Mongolia|montenegrin Montenegro|moroccan Morocco|mozambican Mozambique
|namibian Namibia|nepalese Nepal|nepali Nepal|nicaraguan Nicaragua|nigerian Nigeria|nigerien Niger
|norwegian Norway|omani Oman|pakistani Pakistan|panamanian Panama|paraguayan Paraguay|peruvian Peru
|filipino Philippines|philippine Philippines|polish Poland|portuguese Portugal|qatari Qatar|romanian Romania
|russian Russia|rwandan Rwanda|salvadoran El Salvador|saudi Saudi Arabia|scottish Scotland|senegalese Senegal
|serbian Serbia|singaporean Singapore|slovak Slovakia|slovakian Slovakia|slovenian Slovenia|slovene Slovenia
|somali Somalia|spanish Spain|sudanese Sudan|swedish Sweden|swiss Switzerland|syrian Syria|taiwanese Taiwan
|tajik Tajikistan|tanzanian Tanzania|thai Thailand|togolese Togo|tunisian Tunisia|turkish Turkey
|turkmen Turkmenistan|ugandan Uganda|ukrainian Ukraine|american United States|uruguayan Uruguay|uzbek Uzbekistan
|venezuelan Venezuela|vietnamese Vietnam|welsh Wales|yemeni Yemen|zambian Zambia|zimbabwean Zimbabwe
|european Europe|african Africa|asian Asia|bavarian Bavaria|sicilian Sicily|tuscan Tuscany|siberian Siberia
|andalusian Andalusia|catalan Catalonia|californian California|texan Texas|corsican Corsica|hawaiian Hawaii
|alaskan Alaska|floridian Florida|scandinavian Scandinavia|sardinian Sardinia|bhutanese Bhutan
|botswanan Botswana|burkinabe Burkina Faso|eritrean Eritrea|gambian Gambia|surinamese Suriname|guyanese Guyana
|papuan Papua New Guinea"""

DEMONYMS: dict[str, str] = {
    adjective: country for adjective, _, country in (one.partition(" ") for one in _TABLE.replace("\n", "").split("|"))
}
