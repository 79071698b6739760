"""Words that are names to some and everyday English to all."""

# As part of a name these count only where capitalised.
COMMON_WORDS = frozenset(
    """
    able after all also always am amber an and angel any april art as at august autumn away back bank be bear bell
    best bill bird black bless bliss bloom blossom blue bond bow boy brave bridge bright brook brown bush but by calm
    can case chance charity cherry christian church clear close cloud comfort constant cook court cross crystal daisy
    dash dawn day days dean dear december delight destiny do dove down early east easter even ever fair faith fall
    falls fan far field fields fin fine fire flower flowers forest fortune fox frank free freed french friday friend
    frost gay gentle ginger girl glass glory go gold golden good grace grant gray green grey guy hall hand hands happy
    hardy harmony has he head heart heath heaven her hey hill hills him his history holiday holy home honey honour hope
    house how hunt ice if in is it jewel journey joy july june just justice keen keep kid kind king know lake land lane
    last law leaf lee legend let liberty life light like little long lord loud love low lucky major man many march
    mark marks marry master matt may me meadow meek melody mercy merit merry mile miles mill mills misty monday money
    moon moral more morning much music must my mystery new nick night no noble noon north not november now nurse ocean
    october of off ok old olive on one or our out own page pain pat patience peace peach peak pearl penny pepper place
    plain plant pleasant plum pool poor pope poppy post pound power powers precious price pride prince princess prior
    purple queen quick quiet rain ray read real reason rest rich ridge right ring rise river rivers road rob rock root
    rose row royal rush rust sad saint sand sat saturday savage see self september serene serenity shade sharp she
    shine shore short shy silver sky small smart snow so sole some son song sorry spark sparks speak spring star stark
    start state stay steel still stone stones storm story street strong sue sum summer summers sun sunday sunny swan
    sweet swift talk tell thank that the them then they this thursday tide tiger time to today told tom too true trust
    truth tuesday unity up us van very victory virtue walk walker wall walls war warm was water waters way we wednesday
    well went west what when white who why wild will win wind winter winters wise wish with wolf wonder wood woods work
    world worth yes yet you young your
    """.split()
)

# Never part of who somebody is: titles, wherever they stand.
TITLES = frozenset("mr mrs miss ms mx dr prof professor sir dame rev".split())

# Small words between names; the first word of a name is a name all the same.
PARTICLES = frozenset(
    "al ap bin bint da das de del della den der di dos du el fitz ibn la le los mac mc o st ten ter und van von zu y"
    .split()
)  # fmt: skip

# What else stands in the fields for an emergency contact and a GP, and names nobody.
PLAIN_CONTACT_WORDS = (TITLES | PARTICLES) - {"al"} | frozenset(
    """
    a and at aunt avenue boyfriend brother call care carer centre clinic close contact cousin dad daughter day doctor
    drive e email emergency evenings ex family father flat flatmate for friend friends from girlfriend gp grandad
    grandfather grandma grandmother gran her his health home house housemate husband i in is it lane landline leave
    mail mam manager medical message mobile mother mum my neighbour nephew next nhs niece no not number nurse of on
    only or parent parents partner phone please practice road service sibling sister son spouse street surgery tel
    telephone text the their uncle weekdays wife work
    """.split()
)
