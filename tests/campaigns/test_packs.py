"""The ready packs keep the product's promises, and travel as files without loss."""

import json
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from campaigns import packs, toml
from campaigns.models import Campaign, Step, StepText
from campaigns.words.forms_named import forms_named
from campaigns.words.placeholders import KNOWN, used
from contacts.models import Channel

READY = list(packs.ready().values())
TEXTS = [
    pytest.param(pack, text, id=f"{pack.name}-{text.channel}-{text.language}")
    for pack in READY
    for step in pack.steps
    for text in step.texts
]
# Words that smell of money asked for (the forms are free).
FEES = re.compile(
    r"\b(fee|fees|cost|costs|charge|price|payment|tarifa|cuota|costo|cobro|pago)\b|\$", re.I
)


def test_there_is_a_pack_for_each_part_of_the_year():
    assert len(READY) >= 14
    for pack in READY:
        for channel in [Channel.SMS] if pack.invites else Channel.values:
            for language in ("en", "es"):
                assert pack.text(channel, language).reviewed


@pytest.mark.parametrize(("pack", "text"), TEXTS)
def test_no_ready_text_smells_of_a_fee(pack, text):
    assert not FEES.search(f"{text.subject} {text.body}")


@pytest.mark.parametrize(("pack", "text"), TEXTS)
def test_a_text_names_all_its_packs_forms_or_none(pack, text):
    assert forms_named(f"{text.subject} {text.body}") in (frozenset(), set(pack.forms))


@pytest.mark.parametrize(("pack", "text"), TEXTS)
def test_placeholders_are_known_and_one_link_is_enough(pack, text):
    assert used(f"{text.subject} {text.body}") <= KNOWN
    assert text.body.count("{link}") == (0 if pack.invites else 1)
    assert "http" not in text.body


def test_a_pack_for_one_form_speaks_only_to_families_who_file_it():
    pack = packs.ready()["wasfa-reminder"]
    assert pack.audience["paths"] == ["wasfa"]


@pytest.mark.parametrize("pack", READY, ids=lambda pack: pack.name)
def test_a_pack_written_and_read_is_the_same_pack(pack):
    assert packs.loads(packs.dumps(pack)) == pack


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_words_survive_the_writer(words):
    import tomllib

    assert tomllib.loads(f"a = {toml.text(words)}")["a"] == words
    # TOML folds a bare carriage return nowhere, because the writer escapes it.
    assert tomllib.loads(f"a = {toml.long_text(words)}")["a"] == words


def test_a_file_that_pushes_one_form_on_everyone_is_refused():
    good = packs.dumps(packs.ready()["form-opens"])
    with pytest.raises(packs.BadPack, match="every form"):
        packs.loads(good.replace("WASFA", "form"))


def test_a_file_with_an_unknown_placeholder_is_refused_by_name():
    good = packs.dumps(packs.ready()["form-opens"])
    with pytest.raises(packs.BadPack, match="studnet"):
        packs.loads(good.replace("{student}", "{studnet}", 1))


def test_adopting_a_pack_makes_a_draft_that_exports_as_the_same_words(town, tmp_path):
    out = StringIO()
    call_command(
        "pack", "adopt", "form-opens", "--school", town.school.nces_id, "--json", stdout=out
    )
    campaign = Campaign.objects.get(pk=json.loads(out.getvalue())["campaign"])
    assert campaign.state == "draft"
    assert list(campaign.schools.all()) == [town.school]
    step = campaign.steps.get()
    assert (step.channels, step.due_at, step.expires_after.days) == (Step.Channels.BOTH, None, 3)
    approved = step.texts.filter(review=StepText.Review.APPROVED)
    assert set(approved.values_list("language", flat=True)) == {"en", "es"}

    exported = StringIO()
    call_command("pack", "export", str(campaign.pk), stdout=exported)
    file = tmp_path / "shared.toml"
    file.write_text(exported.getvalue(), encoding="utf-8")
    ours, original = packs.find(str(file)), packs.ready()["form-opens"]
    assert set(ours.steps[0].texts) == set(original.steps[0].texts)
    assert ours.audience == original.audience
    assert town.school.name not in exported.getvalue()

    again = StringIO()
    call_command("pack", "adopt", str(file), "--school", town.school.nces_id, stdout=again)
    assert Campaign.objects.filter(pk=int(again.getvalue())).exists()


def test_adopting_what_does_not_exist_says_so(town):
    with pytest.raises(CommandError, match="no-such-pack"):
        call_command("pack", "adopt", "no-such-pack", "--school", town.school.nces_id)
    with pytest.raises(CommandError, match="999"):
        call_command("pack", "adopt", "form-opens", "--school", "999")


def test_staff_read_of_the_ready_packs_in_spanish():
    pack = packs.ready()["form-opens"]
    with translation.override("es"):
        assert pack.for_staff()["title"] == "Los formularios están abiertos: empiece esta noche"
        assert packs.Pack("own", "Nuestra noche", ()).for_staff()["summary"] == ""
    assert pack.for_staff()["title"] == pack.title


def test_the_list_of_packs_speaks_the_staffs_language():
    out = StringIO()
    call_command("pack", "list", "--language", "es", stdout=out)
    listed = out.getvalue()
    assert "Los formularios están abiertos: empiece esta noche" in listed
    assert "Árabe" in listed and "ar," not in listed
    out = StringIO()
    call_command("pack", "list", "--json", stdout=out)
    assert "The forms are open: start tonight" in {p["title"] for p in json.loads(out.getvalue())}
