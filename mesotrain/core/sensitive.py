"""The words on which safety rests: numbers, units, drugs, depths, routes, musts and conditions. One meaning a line."""

import re


def _words(kind: str, table: str) -> dict[str, tuple[str, str]]:
    """Each word of a table, one meaning a line: word -> (kind, the first word of its line)."""
    return {word: (kind, line.split()[0]) for line in table.strip().split("\n") for word in line.split()}


def _each(kind: str, table: str) -> dict[str, tuple[str, str]]:
    """Each word of a table, every one with a meaning of its own."""
    return {word: (kind, word) for word in table.split()}


def _listed(table: str) -> frozenset[str]:
    return frozenset(table.split())


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
""") | _each("number", """
few many
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
units unit
mmol millimole millimoles
joules joule
degrees degree °
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
umol micromol micromoles
meq milliequivalent milliequivalents
watt watts
inch inches
lb lbs pound pounds
oz ounce ounces
pint pints
teaspoon teaspoons tsp
tablespoon tablespoons tbsp
dl decilitre decilitres
ul microlitre microlitres microliter microliters
um micrometre micrometres micron microns
metre metres meter meters
ms millisecond milliseconds
fahrenheit °f
""") | _each("unit", """
iu mmhg °c gauge mol nmol bar kpa mpa bd tds qds od mbq mci mosm ppm ppb ppt w/v w/w v/v bpm rpm hz khz mhz cal kcal
kj psi torr fr cl nl pg nm cm2 cm3 per nightly molar celsius
""")  # fmt: skip

_DRUGS = _words("drug", """
adrenaline epinephrine
noradrenaline norepinephrine
lidocaine lignocaine
glyceryl nitroglycerin nitroglycerine gtn
hyaluronic hyaluronan
deoxycholic deoxycholate
alcohol ethanol isopropanol
steroid steroids corticosteroid corticosteroids
antihistamine antihistamines
antibiotic antibiotics antimicrobial antimicrobials
antiplatelet antiplatelets
immunosuppressant immunosuppressants
ester esters
amide amides
benzodiazepine benzodiazepines
anticoagulant anticoagulants
nsaid nsaids
vaccine vaccines
filler fillers
tranexamic txa
anaesthetic anesthetic anaesthetics anesthetics
polynucleotide polynucleotides
vitamin vitamins
""") | _each("drug", """
abatacept abobotulinumtoxina abrocitinib acetaminophen acetazolamide acetylcysteine aciclovir acitretin acyclovir
adapalene adenosine adrenalin afamelanotide agalsidase albuterol alcoholic alemtuzumab alfentanil aliaxin alitretinoin
alluzience alteplase amethocaine ametop aminolevulinic aminophylline amiodarone amitriptyline amoxiclav amphotericin
anapen anbesol antiseptic antiseptics apremilast aqualyx aquamid aqueous arnica artecoll articaine artichoke ascorbate
ascorbic aspirin atracurium atropine augmentin azathioprine azelaic azzalure baclofen bactroban baricitinib belkyra
bellafill belotero benzathine benzocaine benzoyl benzyl betadine betamethasone betnovate bicarbonate bimatoprost
bioalcamid biotin bleach bleomycin bocouture botox botulinum brimonidine bromelain buflomedil bupivacaine
buprenorphine caffeine caha calcipotriol calcitriol calcium calpol cannabidiol cantharidin capsaicin carbamazepine
carbimazole carbocaine carboplatin carnitine carvedilol cefalexin cefazolin cefotaxime ceftriaxone cefuroxime
chemotherapy chloramphenicol chlorhexidine chloroprocaine chlorphenamine chlorpheniramine chlorpromazine
cholecalciferol ciclosporin cisatracurium cisplatin citanest clexane clobetasol clonidine clopidogrel codeine
colchicine collagen collagenase contraceptive contraceptives copper cyanocobalamin cyclophosphamide cyclosporin
cyclosporine cyklokapron cyproterone cytocare dabigatran dalacin dantrolene dapsone daxxify dermol dermovate
desflurane desmopressin dettol dexamethasone dexpanthenol dextran dextrose diamorphine diazepam diclofenac diflucan
digoxin dihydrocodeine diltiazem dimenhydrinate dimethylaminoethanol dinoprostone diphencyprone diphenhydramine
dipyridamole dithranol diuretic diuretics dmae dmso dobutamine domperidone dopamine doxapram doxorubicin droperidol
dupilumab dutasteride dysport edta eflornithine efudix elastin eliquis ellagic ellanse elocon emerade emla emulsion
enoxaparin entonox ephedrine epipen epoetin ergometrine ertapenem erythropoietin esmolol estradiol estrogen etamsylate
etanercept ethamsylate ethinylestradiol etomidate eurax evolence exosome exosomes fentanyl ferrous fibrin filaggrin
filorga finasteride flamazine flumazenil fluorouracil fluoxetine frusemide fucidin fucidine furosemide fusidic
gabapentin gelatin gelatine gelofusine gentian ginkgo glucagon glucose glutathione glycerin glycerol glycine glycolic
glycopyrrolate glycopyrronium gold griseofulvin haloperidol halothane hartmann heparin hibiscrub hibitane hyacorp
hyalase hyalual hyaluronidase hydralazine hydrex hydrocortisone hydroquinone hydroxocobalamin hydroxyapatite
hydroxychloroquine hydroxyzine hylase hylenex hypochlorite hypochlorous ibuprofen imiquimod immunoglobulin
incobotulinumtoxina indocyanine infliximab inositol instillagel insulin intralipid iodine ipratropium isoflurane
isoprenaline isoproterenol isosorbide isotretinoin ivermectin jalupro jeuveau jext juvederm juvelook kanamycin karisma
ketalar ketamine ketorolac kojic kybella labetalol lactic lactulose lanluma latanoprost laxative laxatives letybo
levobupivacaine levothyroxine lipase lipid lipodissolve lipolytic lipolytics lipostabil liraglutide lithium loperamide
lorazepam lumifil lysine magnesium malathion mannitol marcain marcaine melatonin melilotus meperidine mepilex
mepivacaine mercaptopurine mercury mesoglycan metamizole metaraminol metformin methadone methotrexate methyldopa
methylene metoclopramide metolazone midazolam minoxidil mivacurium morphine mounjaro mupirocin mycophenolate myobloc
nalbuphine naloxone narcan naropin nctf neauvia nefopam neostigmine niacinamide nicardipine nicorandil nicotinamide
nifedipine nitroprusside nitrous noradrenalin nuceiva nurofen nystatin octenidine octocaine octreotide oestradiol
oestrogen opioid opioids oxygen oxymetazoline oxytocin ozempic pancuronium panthenol pantothenic papaverine
paracetamol paraffin pcl pdrn pentoxifylline peptide peptides perlane permethrin pethidine phenobarbital phenol
phentolamine phenylephrine phenytoin philart phmb phosphatidylcholine physostigmine phytomenadione pilocarpine
pimecrolimus piriton plasma plasmalyte plavix plinest plla pmma podophyllin podophyllotoxin polidocanol
polycaprolactone polyhexanide polymethylmethacrylate potassium povidone prabotulinumtoxina pradaxa pramocaine
pregabalin prf procyanidin profhilo progesterone promethazine propofol propranolol prostrolane protamine protopic
proxymetacaine prp pyridoxine pyruvate quinine radiesse redensity rejuran relfydess remifentanil resorcinol restylane
resveratrol retinoic retinoid retinoids retinol revanesse revolax riboflavin roaccutane rocuronium rutin salbutamol
salicylic saline savlon saxagliptin saypha scandonest sculptra sedative sedatives selenium semaglutide sensorcaine
septanest septocaine septrin sertraline sevoflurane silica silicon silicone silkis silver silymarin soap sodium
spironolactone squaric streptokinase stylage succinylcholine sucralfate sufentanil sugammadex sulfur sulphur sunekos
superoxide suxamethonium tacrolimus tamoxifen tazarotene tca tegaderm tenecteplase teosyal terbutaline testosterone
tetracaine theobromine theophylline thiamine thiomersal thiopental thiopentone thyroxine tirzepatide tisept tocopherol
trandolapril tranilast tretinoin triamcinolone trichloroacetic troxerutin ultracain urea urokinase ursodeoxycholic
valproate vancomycin vasoconstrictor vasoconstrictors vasopressin vecuronium ventolin verapamil verteporfin videne
viscoderm vistabel volbella volift volite voluma vycross warfarin water wegovy xarelto xeomin xylitol xylocaine
xylometazoline xylonor yvoire zinc zineryt zopiclone zovirax zyderm zyplast
""")  # fmt: skip
INN = re.compile(
    r"(?:cef|ceph|sulfa|sulpha|prednis|botulinum)[a-z]{3,}|[a-z]{2,}(?:"
    r"caine|mycin|micin|cillin|floxacin|oxacin|kacin|cycline|azole|prazole|fungin|bactam|penem|mectin|vir|"
    r"sartan|olol|pril|statin|dipine|arone|semide|thiazide|parin|xaban|gatran|phylline|terol|butamol|lukast|"
    r"fentanil|curium|curonium|flurane|barbital|azepam|azolam|stigmine|phrine|tropine|setron|tidine|rizine|"
    r"olone|asone|profen|phenac|fenac|coxib|triptan|dronate|steride|tinoin|trexate|formin|gliptin|glutide|"
    r"amine|adine|idine|oxetine|triptyline|mab|nib|ciclib|grastim|poetin|relin|toxin(?:[a-e])?|hexidine|uronidase)"
)
"""Beginnings and endings of international nonproprietary names (WHO, The use of stems, 2018)."""
NOT_DRUGS = _listed("examine determine guideline machine routine contamine cephalad cephalic")

_DEPTHS = _words("depth", """
intradermal intradermally dermal dermally
intraepidermal intraepidermally epidermal epidermis
subcutaneous subcutaneously hypodermal hypodermis subcutis
intramuscular intramuscularly im
intravenous intravenously iv
supraperiosteal periosteal periosteum
retrobulbar peribulbar
superficial superficially shallow
deep deeply deeper
depth depths
muscle muscles
vein veins
artery arteries arterial
topical topically
oral orally mouth po
rectal rectally pr
sublingual sublingually
nasal intranasal nose
inhaled inhalation
cheek cheeks
eye eyes
ear ears
buttock buttocks
perpendicular vertical vertically
horizontal horizontally
tangential tangentially oblique obliquely
medial medially
lateral laterally
anterior anteriorly
posterior posteriorly
proximal proximally
distal distally
cranial cranially cephalad
caudal caudally
towards toward
inwards inward
outwards outward
upwards upward
downwards downward
lip lips
temple temples temporal
glabella glabellar
eyelid eyelids
jaw jawline
gluteal dorsogluteal ventrogluteal
shoulder shoulders
elbow elbows
knee knees
foot feet
breast breasts
nerve nerves
tendon tendons
joint joints
bone bones
""") | _each("depth", """
intravascular intraosseous dermis fat into through left right forehead thigh arm deltoid abdomen angle bevel bevelup
beveldown supine prone anterolateral superior inferior inner outer upper dorsal ventral plantar palmar away chin neck
scalp nasolabial periorbital perioral submental
""")  # fmt: skip

_MUSTS = _words("must", """
must shall required requires mandatory obligatory always
should ought
recommended recommend recommends recommendation advisable
may might could can permitted allowed allow allows permit permits
never forbidden prohibited
no nor neither none nobody nothing
avoid avoids avoided avoiding
contraindicated contraindication contraindications
withhold withholds withheld withholding
omit omits omitted omitting omission skip skips skipped skipping
refuse refuses refused refusing decline declines declined
exclude excludes excluded excluding exclusion
ignore ignores ignored ignoring disregard overlook overlooked
consider considers considered considering
discourage discouraged discourages
prevent prevents
only solely
unless except
if when
before prior
after following
stop stops stopped stopping halt cease
pause pauses
least minimum
most maximum maximal
less fewer lower below under
more greater higher above over exceed exceeds beyond
every each
all any
immediately urgent urgently
first last
safe safely
unsafe unsafely
legal lawful
illegal unlawful
discard discards discarded throw
reuse reuses reused
start begin
delay delays delayed postpone postponed
slow slowly gradually gradual
fast quickly quick rapidly rapid swiftly
early earlier
late later
adult adults
child children paediatric pediatric
infant infants baby babies neonate neonates
adolescent adolescents teenager teenagers
pregnant pregnancy
breastfeeding lactating
warm warmed warming heat hot
cool cooled cooling cold chilled ice
dry dried
wet moist damp
tighten tightened
loosen loosened release
dilute diluted
neat undiluted
often frequently
rarely seldom
sometimes occasionally
conscious awake
increase increases increased raise raised raises elevate elevated
reduce reduces reduced decrease decreases decreased
sit sitting upright
other another
remove removes removed withdraw withdraws withdrawn
open opens opened
close closes closed shut
insert inserts inserted
attach attached connect connected
detach detached disconnect disconnected
flex flexed bend bent
extend extended straighten
inhale inspire
exhale expire
reject rejects rejected
fail fails failed failure
enough sufficient
larger largest bigger biggest
smaller smallest
wrong incorrect false
""") | _each("must", """
shouldnot inadvisable maynot not donot cannot couldnot non without until within then instead essential optional
refrain abandon proceed continue elderly frail concentrated positive negative abnormal absent contaminated unconscious
high low flat sterile unlike same w/o push pull inflate deflate aspirate insufficient too dirty
""")  # fmt: skip
WORDS = _NUMBERS | _UNITS | _DRUGS | _DEPTHS | _MUSTS
"""Word in small letters -> (kind of ``core.changes.TOUCHES``, what it means whatever its form)."""
ACTIONS = _listed("""
add administer aim apply ask aspirate attach breathe call check clean close confirm cover cut dial dilute discard
disinfect document draw dry explain fill flush get give go hold inform inject insert inspect label lay leave lie lift
lower mark massage measure mix monitor move observe open phone place prepare press put raise reassess record remove
repeat report rinse roll rub secure send shake show sign sit start stop swab take tell test turn wait warm wash watch
wear wipe withdraw write
""")  # fmt: skip
"""Words with which a step begins: a list of such steps has an order, numbered or not."""
GRADED = _listed("grade stage type types class phase category level degree zone group fitzpatrick hepatitis")
"""Words after which a letter or a Roman numeral counts."""
CASED = frozenset({"mpa"})
"""Units that mean something else in other letters."""
