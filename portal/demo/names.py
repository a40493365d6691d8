"""Invented names of varied origin, and a way to draw them without two people sharing one."""

from __future__ import annotations

import random
import re
import unicodedata


def _list(names: str) -> list[str]:
    return names.split()


GIRLS = _list(
    """
    Abena Adanna Agnieszka Aisling Alba Amara Amina Anwen Anya Astrid Ayesha Beatrix Blessing Bronagh
    Carys Chidinma Clover Dalia Delphine Efua Eilidh Elif Elodie Emiko Esperanza Fatima Fern Freya Gaia
    Greta Gwenllian Halima Hana Harriet Hibah Ines Ingrid Iona Iris Isolde Jasmin Juno Kamila Keziah
    Lakshmi Leonie Linnea Lowri Lucia Maeve Maia Malika Marnie Meera Mirela Morag Nadia Naomi Nell Niamh
    Noor Odette Olwen Orla Paloma Petra Philippa Priya Rhoswen Rosalind Rukhsana Saanvi Safiya Sanna
    Seren Shanice Sigrid Simone Tabitha Tamsin Thandiwe Tilda Uma Valentina Wren Xiu Yasmin Yewande
    Zahra Zora
    """
)
BOYS = _list(
    """
    Aarav Abdi Adeola Aidan Alfie Alasdair Amir Anders Arlo Arun Bartosz Benedikt Bilal Bram Callum
    Casper Cian Corin Dafydd Dashiell Demba Dev Dimitri Eamon Edris Elijah Emeka Emrys Enzo Ephraim
    Farid Felix Fergus Finlay Florian Gabriel Gethin Goran Hamza Haruki Hector Hugo Idris Ifan Imran
    Ioan Isaac Ivo Jakub Jamal Jonty Joss Kai Kasper Kwame Lachlan Lars Leo Lorcan Luca Magnus Mateo
    Milo Musa Nico Obinna Ola Oskar Otis Owain Pascal Pedro Quentin Rafe Ravi Reuben Rohan Ruairi Samir
    Seb Sethu Sol Stellan Taiwo Tariq Teodor Theo Tomos Udo Viktor Wilf Xander Yannick Yusef Zac Zeki
    """
)
WOMEN = _list(
    """
    Adaeze Alison Amal Anneka Beata Bernadette Bethan Ceri Chiara Claudette Daniela Deborah Dorota
    Elspeth Fionnuala Folasade Gillian Grace Gulsen Heledd Ifeoma Ilse Jacinta Jadwiga Joanne Karen
    Kavita Kirsty Leila Lorraine Mabel Marguerite Maryam Meredith Mónica Nasreen Nuala Oksana Parveen
    Patience Rachel Renata Rosheen Ruth Sadia Shirin Siân Sunita Tanya Teresa Ursula Wendy Yolanda
    Zainab
    """
)
MEN = _list(
    """
    Ahmed Aled Anthony Babatunde Bernard Bogdan Cedric Chukwudi Ciarán Colin Curtis Declan Derek Desmond
    Emrah Errol Faisal Gareth Gavin Giles Glyn Graham Hassan Howard Ibrahim Iestyn Janusz Joaquim Keith
    Kofi Leon Malcolm Marek Martyn Mehmet Nigel Olu Padraig Patrick Ramesh Rhodri Roland Rory Salim
    Stefan Stuart Suresh Tendai Trevor Vernon Wayne Yaw Zoltan
    """
)
# Two of these make a surname, so that it is nobody's in particular.
FIRST_HALVES = _list(
    """
    Abernathy Ackerley Adebowale Alderson Amankwah Applegarth Ashworth Balewa Barraclough Bellweather
    Birkenshaw Blackmoor Braithwell Brannock Calloway Castellan Chaudhry Cobbledick Cragside Culpepper
    Dalgarno Danquah Delamere Drinkwater Dunmore Eastgate Ellerby Eze Fairhurst Farrow Fenwick Fotherby
    Gallimore Gathercole Goodyear Greenhalgh Gyamfi Haldane Hathersage Hawksworth Hollinghurst Idowu
    Inglethorpe Jarvie Kalu Kettlewell Kilbride Lamplugh Langstroth Lightfoot Lovelock Mainwaring
    Mandeville Marchbanks Mistry Nettleton Nightingale Nkemelu Oakenshaw Obi Osbaldeston Parminter
    Pettigrew Plunkett Quarmby Rawnsley Redfearn Rosewarne Saltmarsh Satterthwaite Shackleford
    Silverwood Skelhorn Standish Sugden Tattersall Thistlewood Threlkeld Tolliver Trevanion Twelvetrees
    Umeh Utterson Venables Wadsworth Warboys Weatherby Whinfell Wigglesworth Wolstenholme Yardley
    Yelland Zellweather
    """
)
SECOND_HALVES = _list(
    """
    Abara Achebe Ahmadi Akande Almeida Andersson Antonescu Asante Bajwa Banerjee Bednarz Bekele Bianchi
    Boateng Bui Castro Chandra Cohen Danso Dasgupta Deng Diallo Dragomir Egbo Estevez Faruqi Fontaine
    Ghosh Gill Gomes Haddad Halvorsen Hosseini Huang Iqbal Ito Jankowski Joshi Kaur Kelly Khalil Kimani
    Kowalczyk Lindholm Lopes Magri Malik Mazur Mbeki Mehta Moreau Mutasa Nakamura Nasser Ncube Nguyen
    Novák Okafor Olsen Ortega Owusu Papadakis Pereira Petrov Popescu Qureshi Rahman Reddy Rossi Sahin
    Salazar Santos Sesay Sharma Silva Singh Sokolova Szabo Tan Tembo Thapa Toledo Uddin Vargas Virtanen
    Wójcik Yamada Yilmaz Zhou Zielinski
    """
)


class Names:
    """Draws names; no two it gives are the same, and none is in `taken`."""

    def __init__(self, rng: random.Random, taken: set[str]) -> None:
        self._rng = rng
        self._taken = set(taken)

    def surname(self) -> str:
        return f"{self._rng.choice(FIRST_HALVES)}-{self._rng.choice(SECOND_HALVES)}"

    def fresh(self, forenames: list[str] | tuple[str, ...], surname: str = "") -> tuple[str, str]:
        """A forename of the list and a surname that together nobody has yet."""
        while True:
            found = (self._rng.choice(forenames), surname or self.surname())
            if " ".join(found) not in self._taken:
                self._taken.add(" ".join(found))
                return found


def address_part(name: str) -> str:
    """ "Aoife Ní Dhomhnaill" as "aoife.ni-dhomhnaill", for the part before the @."""
    plain = (
        unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L"))
        .encode("ascii", "ignore")
        .decode()
        .lower()
    )
    first, _, rest = plain.partition(" ")
    return ".".join(part for part in (_slug(first), _slug(rest)) if part)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")
