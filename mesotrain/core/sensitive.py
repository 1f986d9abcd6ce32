"""The words on which safety rests: numbers, units, drugs, depths, routes, musts and conditions. One meaning a line."""

import re


def _words(kind: str, table: str) -> dict[str, tuple[str, str]]:
    """Each word of a table, one meaning a line: word -> (kind, the first word of its line)."""
    return {word: (kind, line.split()[0]) for line in table.strip().split("\n") for word in line.split()}


_NUMBERS = _words("number", """
0 zero
1 one once single
2 two twice double both twofold
3 three thrice triple threefold
4 four fourfold
5 five fivefold
6 six
7 seven
8 eight
9 nine
10 ten tenfold
11 eleven
12 twelve dozen
13 thirteen
14 fourteen
15 fifteen
16 sixteen
17 seventeen
18 eighteen
19 nineteen
20 twenty
30 thirty
40 forty
50 fifty
60 sixty
70 seventy
80 eighty
90 ninety
100 hundred hundredfold
1000 thousand thousandfold
1000000 million
1000000000 billion
1/2 half halve halved
1/3 third
1/4 quarter
1/5 fifth
1/10 tenth
""")  # fmt: skip

_UNITS = _words("unit", """
mg milligram milligrams
micrograms microgram mcg ug
g gram grams
kg kilogram kilograms
ng nanogram nanograms
ml millilitre millilitres milliliter milliliters cc
l litre litres liter liters
mm millimetre millimetres millimeter millimeters
cm centimetre centimetres centimeter centimeters
iu
units unit
mmhg
mmol millimole millimoles
joules joule
degrees degree °
°c
gauge
% percent
seconds second sec s
minutes minute min
hours hour hourly h hr hrs
days day daily
weeks week weekly fortnight fortnightly
months month monthly
years year yearly
drops drop
puffs puff
ampoules ampoule
vials vial
syringes syringe
tablets tablet
mol
umol micromol micromoles
nmol
bar
kpa
mpa
bd
tds
qds
od
""")  # fmt: skip

_DRUGS = _words("drug", """
adrenaline epinephrine
noradrenaline norepinephrine
lidocaine lignocaine
hydrocortisone
hyaluronidase
glyceryl nitroglycerin nitroglycerine gtn
hyaluronic hyaluronan
deoxycholic deoxycholate
phosphatidylcholine
povidone
iodine
alcohol ethanol isopropanol
aspirin
steroid steroids corticosteroid corticosteroids
antihistamine antihistamines
antibiotic antibiotics antimicrobial antimicrobials
antiplatelet antiplatelets
immunosuppressant immunosuppressants
ester esters
amide amides
aqueous
alcoholic
benzodiazepine benzodiazepines
anticoagulant anticoagulants
nsaid nsaids
insulin
botulinum
silicone
saline
water
oxygen
lipid
emulsion
vaccine vaccines
filler fillers
caffeine
buflomedil
minoxidil
diclofenac
tranexamic
carnitine
benzyl
sodium
potassium
magnesium
calcium
bicarbonate
polynucleotide polynucleotides
plasma
naloxone
morphine
glucagon
glucose
warfarin
clopidogrel
collagenase
polidocanol
semaglutide
bleach
soap
chlorhexidine
""")  # fmt: skip
INN = re.compile(
    r"[a-z]{2,}(?:caine|mycin|micin|cillin|floxacin|cycline|azole|prazole|sartan|olol|olone|asone|pril|statin|parin|"
    r"xaban|gatran|barbital|azepam|azolam|dronate|profen|setron|tidine|amine|adine|idine|oxacin|ciclib|fungin|"
    r"hexidine|uronidase|toxin|vir|mab|nib|lukast|phylline|terol|tinoin|vastatin|gliptin|coxib|triptan|formin|steride|butamol|kacin|rizine|phenac|fenac|glutide)"
)
"""Endings of international nonproprietary names (WHO, The use of stems in the selection of INN, 2018)."""
NOT_DRUGS = frozenset({"examine", "determine", "guideline", "machine", "routine", "vitamine", "contamine", "tamine"})

_DEPTHS = _words("depth", """
intradermal intradermally dermal dermally
intraepidermal intraepidermally epidermal epidermis
subcutaneous subcutaneously hypodermal hypodermis subcutis
intramuscular intramuscularly im
intravenous intravenously iv
intravascular
intraosseous
supraperiosteal periosteal periosteum
retrobulbar peribulbar
dermis
superficial superficially shallow
deep deeply deeper
depth depths
muscle muscles
vein veins
artery arteries arterial
fat
topical topically
oral orally mouth po
rectal rectally pr
sublingual sublingually
nasal intranasal nose
inhaled inhalation
into
through
left
right
cheek cheeks
forehead
eye eyes
ear ears
thigh
arm
deltoid
buttock buttocks
abdomen
angle
bevel
perpendicular
""")  # fmt: skip

_MUSTS = _words("must", """
must shall required requires mandatory obligatory always
should ought
may might could can permitted allowed
not n't no nor neither none never cannot forbidden prohibited without
avoid
contraindicated contraindication contraindications
only solely
unless except
until
if when
before prior
after following
stop
least minimum
most maximum maximal
less fewer lower below under
more greater higher above over exceed exceeds beyond
within
every each
all any
immediately urgent urgently
first last
then
instead
essential
optional
safe safely
unsafe unsafely
legal lawful
illegal unlawful
discard
reuse
start begin
delay
refrain
proceed
continue
conscious
unconscious
high
low
increase raise
reduce decrease
flat
sit sitting upright
sterile
unlike
same
other another
w/o
""")  # fmt: skip
WORDS = _NUMBERS | _UNITS | _DRUGS | _DEPTHS | _MUSTS
"""Word in small letters -> (kind of ``core.changes.TOUCHES``, what it means whatever its form)."""
CASED = frozenset({"mpa"})
"""Units that mean something else in other letters."""
