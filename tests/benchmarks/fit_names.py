"""Writes `pipelines/names.txt`: names of people that are no word of English or Spanish.

From the lists of Faker (MIT) and the words of pyspellchecker (MIT), both of the extra `examples`:
`python -m tests.benchmarks.fit_names`.
"""

import re
import textwrap
from collections.abc import Collection
from importlib import import_module
from pathlib import Path

from pipelines import particulars
from pipelines.learning.names import folded, lists

COUNTRIES = ("en_US", "en_GB", "es_ES", "es_MX", "es_AR", "es_CO", "es_CL")
SHORTEST = 3
RARE_GIVEN, RARE_FAMILY = 3.2e-6, 5.5e-7
"""The share of all written words from which on a name is left out: it is a word as well."""
WORDS = """
dean oliva jade urbano estela prudencia tara che lino silvestre aurora esmeralda mora ale barbara
ascension encarnacion roman purificacion benigno robin francia jazmin albino scarlet sandy custodio
martirio amparo genesis america earl donna flora amber sherry misty alondra almendra daisy rosemary
carol heraldo jordan jasmine gil dolores washington bonnie clemente jay justin dale virginia pepita
april jackson mason pastora trinidad marian warren candela felix chelsea benigna dante june hazel
parker marion brooke tiffany candida santiago kent narciso pascal ebony lucero mercedes pia
buenaventura austin georgia asuncion maxi celestina placido azahar bailey magnolia milan albano
savannah regina belen dalia florentina ada jefferson santos gallego azucena salomon joyce ariel
natividad cheyenne lenin edison dakota jeronimo celestino libia orlando macarena paca margarita
rosario concepcion milagros nieves visitacion candelaria anunciacion perlita clementina minerva
hortensia fausto italo america guadalupe montserrat fatima lourdes
torrent mayoral ahumada meadows romo parra sacristan naranjo prieto sellers lin ford weaver guijarro
carretero parsons montes potter fleming hale gentry burrows giles combs catalan hidalgo palomar
borrego mir parrish cantero tejedor peral barrena hoover boone sevilla turner vega richmond mares
heath drake bullock browning kay poza comas ware gaines proctor hopkins storey stokes mur fletcher
hart warner grimes freeman soto brooks chaparro portilla prat cid kaiser palomino torrents bowers
gascon newton allende tenorio arenas sawyer hamilton canton holland cabrero landa decker webster
slater mantilla llamas booker montgomery leach toledo donaire labra barker lambert encina hyde
bowman madrid valencia keller knox sexton padron batista barton castilla klein roda solera ruano
houston mann conway moran waller forbes wagner hobbs everett brewer hester baca rebollo cornejo
granado bermejo morcillo
"""
"""Left out as well, after a look at what was left: words, and places that texts speak of."""
ABOUT = "# Names of people that are no words; made by tests/benchmarks/fit_names.py."


def named(kind: str) -> set[str]:
    """Single words of `first_names` or `last_names`, without accents and capitals."""
    providers = [import_module(f"faker.providers.person.{one}").Provider for one in COUNTRIES]
    names = (
        name
        for provider in providers
        for key in dir(provider)
        if key.startswith(kind) and isinstance(found := getattr(provider, key), Collection)
        for name in found
    )
    return {folded(part) for name in names for part in re.split(r"[\s-]+", name)}


def main() -> None:
    """Write them."""
    known, kinds = lists().shares, {"first_names": RARE_GIVEN, "last_names": RARE_FAMILY}
    found = {
        one
        for kind, rare in kinds.items()
        for one in named(kind) - set(WORDS.split())
        if len(one) >= SHORTEST and one.isalpha() and known.get(one, 0.0) < rare
    }
    path = Path(particulars.__file__).with_name("names.txt")
    text = textwrap.fill(" ".join(sorted(found)), 120, break_long_words=False)
    path.write_text(f"{ABOUT}\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
