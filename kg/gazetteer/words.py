"""Words about countries and provinces that no data package holds: adjectives, short names, kinds of province."""

from __future__ import annotations

# Adjectives and inhabitants, as in `Polish cities`. Restated from common usage (UN and CIA lists agree on these).
ADJECTIVES: dict[str, str] = {
    "AD": "Andorran", "AE": "Emirati", "AF": "Afghan", "AG": "Antiguan", "AL": "Albanian", "AM": "Armenian",
    "AO": "Angolan", "AQ": "Antarctic", "AR": "Argentine Argentinian Argentinean", "AT": "Austrian",
    "AU": "Australian Aussie", "AZ": "Azerbaijani Azeri", "BA": "Bosnian", "BB": "Barbadian", "BD": "Bangladeshi",
    "BE": "Belgian", "BF": "Burkinabe", "BG": "Bulgarian", "BH": "Bahraini", "BI": "Burundian", "BJ": "Beninese",
    "BN": "Bruneian", "BO": "Bolivian", "BR": "Brazilian", "BS": "Bahamian", "BT": "Bhutanese", "BW": "Botswanan",
    "BY": "Belarusian Belarussian", "BZ": "Belizean", "CA": "Canadian", "CD": "Congolese", "CF": "Central-African",
    "CG": "Congolese", "CH": "Swiss", "CI": "Ivorian", "CL": "Chilean", "CM": "Cameroonian", "CN": "Chinese",
    "CO": "Colombian", "CR": "Costa-Rican", "CU": "Cuban", "CV": "Cape-Verdean", "CY": "Cypriot", "CZ": "Czech",
    "DE": "German", "DJ": "Djiboutian", "DK": "Danish", "DM": "Dominican", "DO": "Dominican", "DZ": "Algerian",
    "EC": "Ecuadorian Ecuadorean", "EE": "Estonian", "EG": "Egyptian", "EH": "Sahrawi", "ER": "Eritrean",
    "ES": "Spanish", "ET": "Ethiopian", "FI": "Finnish", "FJ": "Fijian", "FO": "Faroese", "FR": "French",
    "GA": "Gabonese", "GB": "British", "GD": "Grenadian", "GE": "Georgian", "GH": "Ghanaian", "GL": "Greenlandic",
    "GM": "Gambian", "GN": "Guinean", "GR": "Greek", "GT": "Guatemalan", "GY": "Guyanese", "HN": "Honduran",
    "HR": "Croatian", "HT": "Haitian", "HU": "Hungarian", "ID": "Indonesian", "IE": "Irish", "IL": "Israeli",
    "IN": "Indian", "IQ": "Iraqi", "IR": "Iranian Persian", "IS": "Icelandic", "IT": "Italian", "JM": "Jamaican",
    "JO": "Jordanian", "JP": "Japanese", "KE": "Kenyan", "KG": "Kyrgyz Kyrgyzstani", "KH": "Cambodian Khmer",
    "KI": "I-Kiribati", "KM": "Comorian", "KP": "North-Korean", "KR": "South-Korean Korean", "KW": "Kuwaiti",
    "KZ": "Kazakh Kazakhstani", "LA": "Laotian Lao", "LB": "Lebanese", "LI": "Liechtensteiner", "LK": "Sri-Lankan",
    "LR": "Liberian", "LS": "Basotho", "LT": "Lithuanian", "LU": "Luxembourgish Luxembourgian", "LV": "Latvian",
    "LY": "Libyan", "MA": "Moroccan", "MC": "Monegasque", "MD": "Moldovan", "ME": "Montenegrin",
    "MG": "Malagasy Madagascan", "MH": "Marshallese", "MK": "Macedonian", "ML": "Malian", "MM": "Burmese Myanma",
    "MN": "Mongolian", "MR": "Mauritanian", "MT": "Maltese", "MU": "Mauritian", "MV": "Maldivian", "MW": "Malawian",
    "MX": "Mexican", "MY": "Malaysian", "MZ": "Mozambican", "NA": "Namibian", "NE": "Nigerien", "NG": "Nigerian",
    "NI": "Nicaraguan", "NL": "Dutch", "NO": "Norwegian", "NP": "Nepalese Nepali", "NZ": "New-Zealand",
    "OM": "Omani", "PA": "Panamanian", "PE": "Peruvian", "PG": "Papua-New-Guinean", "PH": "Philippine Filipino",
    "PK": "Pakistani", "PL": "Polish", "PR": "Puerto-Rican", "PS": "Palestinian", "PT": "Portuguese",
    "PW": "Palauan", "PY": "Paraguayan", "QA": "Qatari", "RO": "Romanian", "RS": "Serbian", "RU": "Russian",
    "RW": "Rwandan", "SA": "Saudi Saudi-Arabian", "SB": "Solomon-Islands", "SC": "Seychellois", "SD": "Sudanese",
    "SE": "Swedish", "SG": "Singaporean", "SI": "Slovenian Slovene", "SK": "Slovak Slovakian",
    "SL": "Sierra-Leonean", "SM": "Sammarinese", "SN": "Senegalese", "SO": "Somali", "SR": "Surinamese",
    "SS": "South-Sudanese", "SV": "Salvadoran Salvadorean", "SY": "Syrian", "SZ": "Swazi", "TD": "Chadian",
    "TG": "Togolese", "TH": "Thai", "TJ": "Tajik Tajikistani", "TL": "Timorese", "TM": "Turkmen", "TN": "Tunisian",
    "TO": "Tongan", "TR": "Turkish", "TT": "Trinidadian", "TV": "Tuvaluan", "TW": "Taiwanese", "TZ": "Tanzanian",
    "UA": "Ukrainian", "UG": "Ugandan", "US": "American", "UY": "Uruguayan", "UZ": "Uzbek Uzbekistani",
    "VE": "Venezuelan", "VN": "Vietnamese", "VU": "Vanuatuan", "WS": "Samoan", "XK": "Kosovar Kosovan",
    "YE": "Yemeni", "ZA": "South-African", "ZM": "Zambian", "ZW": "Zimbabwean",
}  # fmt: skip

CONTINENTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "AF": ("Africa", "African", ("Afrika", "Afrique", "África")),
    "AN": ("Antarctica", "Antarctic", ("Antarktis", "Antarctique", "Antarktika")),
    "AS": ("Asia", "Asian", ("Asien", "Asie", "Ásia")),
    "EU": ("Europe", "European", ("Europa", "Европа")),
    "NA": ("North America", "North American", ("Nordamerika", "Amérique du Nord", "América del Norte", "N America")),
    "OC": ("Oceania", "Oceanian", ("Ozeanien", "Océanie", "Oceanía", "Australasia")),
    "SA": ("South America", "South American", ("Südamerika", "Amérique du Sud", "América del Sur", "S America")),
}

# Short and old names that CLDR does not give.
SHORT_NAMES: dict[str, tuple[str, ...]] = {
    "US": ("USA", "U.S.A.", "United States of America", "the States", "America", "U.S."),
    "GB": ("UK", "U.K.", "United Kingdom", "Great Britain", "Britain"),
    "AE": ("UAE", "U.A.E.", "Emirates"),
    "CD": ("DRC", "DR Congo", "Congo-Kinshasa", "Democratic Republic of the Congo", "Democratic Republic of Congo",
           "Zaire"),
    "CG": ("Republic of the Congo", "Congo-Brazzaville", "Republic of Congo"),
    "CZ": ("Czech Republic", "Czechia"), "NL": ("Holland", "The Netherlands"), "CI": ("Ivory Coast",),
    "MK": ("Macedonia", "North Macedonia", "FYROM"), "MM": ("Burma", "Myanmar"), "SZ": ("Swaziland", "Eswatini"),
    "TL": ("East Timor", "Timor-Leste"), "CV": ("Cape Verde",), "TR": ("Turkey", "Türkiye", "Turkiye"),
    "KR": ("South Korea", "Republic of Korea", "Korea"), "KP": ("North Korea", "DPRK"),
    "RU": ("Russia", "Russian Federation"), "IR": ("Iran", "Persia"), "SY": ("Syria",), "LA": ("Laos",),
    "VN": ("Vietnam", "Viet Nam"), "BO": ("Bolivia",), "VE": ("Venezuela",), "TZ": ("Tanzania",),
    "MD": ("Moldova",), "CN": ("China", "PRC", "People's Republic of China", "Mainland China"),
    "TW": ("Taiwan", "Formosa"), "PS": ("Palestine", "Palestinian Territories", "West Bank and Gaza"),
    "VA": ("Vatican", "Vatican City", "Holy See"), "BN": ("Brunei",), "FM": ("Micronesia",),
    "FK": ("Falklands", "Falkland Islands", "Malvinas"), "LK": ("Ceylon",), "ET": ("Abyssinia",),
    "SJ": ("Svalbard and Jan Mayen",), "RE": ("Reunion Island", "La Réunion"), "GF": ("French Guyana",),
    "HK": ("Hong Kong",), "MO": ("Macau", "Macao"), "ZA": ("RSA",), "BA": ("Bosnia", "Bosnia-Herzegovina"),
    "DO": ("Dominican Republic",), "CF": ("CAR", "Central African Republic"), "PG": ("PNG",), "NZ": ("Aotearoa",),
}  # fmt: skip

# What the first level is called; other countries say `province` or `region` loosely, so any of these words finds it.
_ADMIN1_WORDS: dict[str, str] = {
    "state": "US BR AU IN MX DE AT MY NG VE SD SS MM FM PW",
    "province": "CA CN AR BE NL TR ID PH IR ZA CU EC PA AF ZM MZ AO KR KP VN LA KH CR DO PG MN NP PK CD GA BI RW DZ "
    "SB VU IE",
    "region": "IT FR GH ET NA TZ SN CL PE MR ML NE GN BF TG TD CI CM UZ KZ GE MG SK CZ BY FI IS MA",
    "department": "CO BO PY UY HN NI SV GT HT BJ CG",
    "governorate": "EG IQ SY YE JO LB TN OM KW PS BH",
    "county": "NO SE HU HR RO EE KE LR LT",
    "district": "PT RS LS BW BZ SR",
    "division": "BD MW",
    "canton": "CH",
    "prefecture": "JP",
    "oblast": "RU KG BG UA",
    "voivodeship": "PL",
    "emirate": "AE",
    "parish": "JM DM GD BB LC VC AG",
    "autonomous community": "ES",
    "nation": "GB",
}  # fmt: skip
ADMIN1_KIND: dict[str, str] = {code: word for word, codes in _ADMIN1_WORDS.items() for code in codes.split()}

# Overseas parts that the polygons hold within another country: code -> (name of the polygon, window).
OVERSEAS: dict[str, tuple[str, tuple[float, float, float, float]]] = {
    "GF": ("France", (-55, 1, -50, 7)), "GP": ("France", (-62, 15.6, -60.9, 16.8)),
    "MQ": ("France", (-61.5, 14.2, -60.5, 15.1)), "RE": ("France", (55, -22, 56, -20)),
    "YT": ("France", (44.8, -13.3, 45.5, -12.4)), "SJ": ("Norway", (-10, 70.5, 36, 82)),
    "BV": ("Norway", (2, -55, 5, -53)), "BQ": ("Netherlands", (-69, 12, -62, 18)),
    "TK": ("New Zealand", (-173, -10, -171, -8)), "CX": ("Indian Ocean Ter.", (105, -11, 106, -10)),
    "CC": ("Indian Ocean Ter.", (96, -13, 97, -11)), "EH": ("Morocco", (-17.4, 20.5, -8.66, 27.667)),
}  # fmt: skip
# Areas that the polygons show apart -> the country that they are counted to here.
MERGED = {
    "Somaliland": "SO", "N. Cyprus": "CY", "Cyprus U.N. Buffer Zone": "CY", "Dhekelia": "CY", "Akrotiri": "CY",
    "Siachen Glacier": "IN", "Baikonur": "KZ", "USNB Guantanamo Bay": "CU", "Coral Sea Is.": "AU", "Kosovo": "XK",
}  # fmt: skip
