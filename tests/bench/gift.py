"""Questions in GIFT as people write them and as Moodle writes them out: no two the same, none that needs mending."""

from itertools import cycle, islice

BY_HAND = (
    r"""// question: {n}  name: Delay {n}
::Delay {n}::A wheal comes up {n} minutes after an injection. What is it most likely to be?{{
=An immediate reaction#Yes: within the first hour, as a rule.
~A delayed reaction#That takes hours or days.
~%-25%An infection#Not within minutes, and without fever.
~A haematoma#It would be blue, and would not itch.
}}""",
    r"""::Pressure {n}::After {n} injections one site bleeds. What is done first?{{
=Press on it with a sterile pad ~Go on ~Rub it ~Cool it for an hour
####Pressure for two or three minutes is enough for nearly everybody.}}""",
    r"""::Needle {n}::A needle of {n} mm reaches no deeper.{{TRUE#It may, where skin is pressed in.#So it is.}}""",
    r"""A site that was cleaned {n} seconds ago with alcohol may still be wet.{{T}}""",
    r"""::Name {n}::Which drug is given first in anaphylaxis, in the words of poster {n}?{{
=adrenaline =epinephrine =%50%adrenalin#Nearly.}}""",
    r"""::Volume {n}::{n} papules get 0.1 mL each. How many mL is that?{{#=%100%{tenth}:0.05#Yes. =%50%{tenth}:0.5}}""",
    r"""Match each sign of visit {n} with how fast it comes.{{
=Wheal -> in minutes
=Nodule -> in weeks
=Bruise -> in hours
= -> in years
}}""",
)
BY_MOODLE = (
    r"""// question: {n}  name: Sterile {n}
::Sterile {n}::[html]<p>Tray {n} has been open for two hours. What of it is still sterile?</p>{{
	=<p>Nothing that was uncovered</p>#<p>Air falls on it all the time.</p>
	~<p>All of it</p>#<p>Two hours are far too long.</p>
	~<p>What nobody touched</p>
	~<p>The needles alone</p>
}}""",
    r"""// question: {n}  name: Consent {n}
::Consent {n}::[html]<p dir\="ltr" style\="text-align\: left;">Patient {n} says <b>no</b> halfway. What now?</p>{{
	~%50%<p dir\="ltr" style\="text-align\: left;">Stop</p>
	~%50%<p dir\="ltr" style\="text-align\: left;">Write down why</p>
	~%-50%<p dir\="ltr" style\="text-align\: left;">Finish the last few points</p>
	~%-50%<p dir\="ltr" style\="text-align\: left;">Ask again after each point</p>
	####<p dir\="ltr" style\="text-align\: left;">Consent can be taken back at any time.</p>
}}""",
    r"""// question: {n}  name: Record {n}
::Record {n}::[html]<p>Lot {n} is written down first.</p><p>True or false?</p>{{FALSE#<p>Before and after.</p>}}""",
)


def gift(many: int) -> bytes:
    """So many questions: seven in ten by hand, three as Moodle writes them."""
    made = islice(enumerate(cycle(BY_HAND + BY_MOODLE), 1), many)
    return "\n\n".join(one.format(n=number, tenth=number / 10) for number, one in made).encode() + b"\n"
