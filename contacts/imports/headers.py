"""What the headers of a file mean: the words of student systems, and whose each column is.

Headers are compared without case, spaces, punctuation and an ad hoc report's table names
(`student.lastName`, `PERSON.FirstName`), so that one entry stands for all ways to write it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from contacts.imports import fields


def _table(**columns: str) -> dict[str, str]:
    """Header → part, of the headers listed for each part."""
    return {header: part for part, headers in columns.items() for header in headers.split()}


# May be the student's or the guardian's; the rest of the header row decides.
_ANYBODYS = _table(
    first_name="firstname fname givenname first",
    last_name="lastname lname familyname surname last",
    name="name fullname lastfirst firstlast",
    email="email emailaddress emails primaryemail mail emailid",
    phone="phone phonenumber phonenumberasentered primaryphone telephone phones",
    cell_phone="cell cellphone cellphonenumber mobile mobilephone mobilenumber mobilephonenumber",
)

_STUDENT = _table(
    student_id="id studentnumber number sisid sisnumber localid localstudentid permid permanentid "
    "nameid otherid otherids studentpermid",
    state_student_id="statestudentnumber statestudentid stateid statenumber ssid stateidentifier "
    "stateidnumber",
    student_first_name="firstname fname first fn",
    student_last_name="lastname lname last ln",
    student_name="name fullname lastfirst student pupil",
    birth_date="dob birthdate dateofbirth birthday birth",
    grade="grade gradelevel currentgrade gradelvl grd gr",
    school="school schoolid schoolname schoolcode building buildingcode buildingname entity "
    "entityid schoolnumber currentschool campus organization organizationname orgname",
    path="path applicationpath form aidform",
    status="status aidstatus fafsastatus applicationstatus wasfastatus",
    status_as_of="statusdate asof statusasof asofdate",
    enrolled="enrollstatus enrollmentstatus enrolled active studentstatus",
    language="language homelanguage homelang lang langcode primarylanguage pllanguage "
    "nativelanguage "
    "correspondencelanguage familylanguage languageathome languagespokenathome "
    "homeprimarylanguage homelanguagecode languagecode primarylanguagecode firstlanguage",
    student_phone="phone cellphone cell mobile mobilephone phonenumber cellphonenumber "
    "mobilenumber",
    student_email="email emailaddress schoolemail",
)
# Too general to say anything without the word “student” before it.
_NEEDS_STUDENT = {"number", "first", "last", "fn", "ln", "birth", "form"}

_GUARDIAN = _table(
    id="id sisid contactid personid guid sourcedid number sourceparentid",
    first_name="firstname first fname fn givenname",
    last_name="lastname last lname ln familyname surname",
    name="name fullname lastfirst firstlast",
    relationship="relationship relation rel relationshiptype type contacttype relationtostudent "
    "relationshiptostudent role",
    cell_phone="cellphone cell cphone cellphonenumber mobile mobilephone mobilenumber "
    "mobilephonenumber sms whatsapp text textphone cellnumber",
    phone="phone phonenumber primaryphone phoneone telephone phonenumberasentered",
    phone_type="phonetype phonenumbertype typeofphone",
    home_phone="homephone hphone homephonenumber home",
    work_phone="workphone wphone dayphone workphonenumber daytimephone businessphone work",
    email="email emailaddress emailone primaryemail emails mail emailid",
    language="language lang communicationlanguage preferredlanguage correspondencelanguage "
    "homelanguage primarylanguage contactlanguage languageofcommunication",
    gone="gone nolongerguardian",
    is_active="isactive active",
    may_contact="maycontact contactallowed hascustody custody custodial iscustodial edrights "
    "educationalrights legalcustody haslegalcustody",
    do_not_contact="donotcontact nocontact restricted restrainingorder courtorder",
    sms_opt_out="smsoptout textoptout notexts notext donottext nosms optoutsms",
    email_opt_out="emailoptout noemail noemails donotemail optoutemail",
)
# These mean a guardian without saying so.
_GUARDIAN_ALONE = _table(
    id="contactid personid sourceparentid contactsisid",
    relationship="relationship relation contacttype relationshiptype relationshiptostudent role",
    phone_type="phonetype phonenumbertype",
    home_phone="homephone homephonenumber householdphone",
    work_phone="workphone workphonenumber",
    is_active="isactive",
    is_guardian="guardian legalguardian isguardian isparentguardian guardianflag islegalguardian",
    may_contact="maycontact contactallowed hascustody iscustodial custodial edrights "
    "educationalrights haslegalcustody",
    do_not_contact="donotcontact nocontact",
    sms_opt_out="smsoptout textoptout donottext notexts",
    email_opt_out="emailoptout donotemail noemails",
)

_WHO = re.compile(
    r"(?:legal)?(?:"
    r"e?ecnt(?P<emergency>\d)|"
    r"(?P<rank>primary|secondary)(?:parentguardian|guardian|parent|contact)|"
    r"[pg](?P<letter>[1-4])|"
    r"(?P<word>mother|father|mom|dad|parentguardian|guardian|parent|familycontact|contact)s?"
    r"(?P<number>\d)?"
    r")(?P<rest>.*)"
)
_STUDENT_WORDS = ("students", "student", "pupil", "learner", "stu")
# Tables of an ad hoc report that say whose a column is; all others are left out.
_TABLES = {
    **dict.fromkeys(("student", "students"), "student"),
    **dict.fromkeys(("school", "schools", "sch"), "school"),
    **{word: word for word in ("mother", "father", "guardian", "parent")},
}
_PEOPLE = {"person", "contact", "contacts", "individual"}
_PARENTS = {"mother": "mother", "mom": "mother", "father": "father", "dad": "father"}
_NAMES = {"first_name", "last_name", "name"}
_MARKS_OF_ADULTS = {"id", "relationship", "is_guardian", "may_contact"}


@dataclass(frozen=True)
class _Adult:
    """A column of a guardian: who in the file's words (`2`, `mother`, `e1`, ``), and what."""

    who: str
    part: str
    header: str


def guess(headers: list[str]) -> dict[str, str]:
    """Our field → header for every column whose header can be understood; first column wins."""
    found: dict[str, str] = {}
    adults: list[_Adult] = []
    anybodys: list[tuple[str, str]] = []
    alone: list[_Adult] = []
    for header in headers:
        key = _key(header)
        exact = fields.known(header.strip().lower().replace(" ", "_"))
        if exact:
            found.setdefault(exact, header)
        elif field := _student_field(key):
            found.setdefault(field, header)
        elif key in _GUARDIAN_ALONE:
            alone.append(_Adult("", _GUARDIAN_ALONE[key], header))
        elif adult := _adult(key, header):
            adults.append(adult)
        elif key in _ANYBODYS:
            anybodys.append((key, header))
        elif key in _STUDENT and key not in _NEEDS_STUDENT:
            found.setdefault(_STUDENT[key], header)
    adults = _second_columns(adults)
    if any(a.part in _NAMES and _key(a.header).startswith("guardian") for a in adults):
        alone = [adult for adult in alone if adult.part != "is_guardian"]  # the name once more
    for field, header in _places([*adults, *alone]):
        found.setdefault(field, header)
    _share_out(anybodys, found)
    if "guardian_is_guardian" in found and not _has_names(found, "guardian_"):
        found["guardian_name"] = found.pop("guardian_is_guardian")  # no check box but a name
    return {field: header for field, header in found.items() if fields.known(field)}


def _student_field(key: str) -> str | None:
    """The field of a header that says “student”."""
    return next((_STUDENT[rest] for rest in _after_student(key) if rest in _STUDENT), None)


def _after_student(key: str) -> list[str]:
    """What follows a word for student; `studentstateid` may hold “students” or “student”."""
    return [key.removeprefix(word) for word in _STUDENT_WORDS if key.startswith(word)]


def _adult(key: str, header: str) -> _Adult | None:
    """Whose and what a column is that names a guardian; a trailing number is kept with `who`."""
    rests = _after_student(key)  # “Student's guardian phone”
    match = next(filter(None, map(_WHO.fullmatch, [key, *rests])), None)
    if match is None:
        return None
    rest, last = match["rest"], ""
    if rest not in _GUARDIAN and rest[-1:].isdigit():
        rest, last = rest[:-1], rest[-1]
    part = _GUARDIAN.get(rest) if rest else "name"
    if part is None:
        return None
    rank = {"primary": "1", "secondary": "2"}.get(match["rank"] or "", "")
    number = match["number"] or match["letter"] or rank
    if match["emergency"]:
        who = f"e{match['emergency']}"
    elif word := _PARENTS.get(match["word"]):
        who = word + (match["number"] or "")
    else:
        who = number
    return _Adult(f"{who}#{last}" if last else who, part, header)


def _second_columns(adults: list[_Adult]) -> list[_Adult]:
    """`Guardian Phone 2` is the second guardian's if there is a `Guardian Name 2`.

    Else it is a second phone of the same guardian, for which there is no field.
    """
    named = {adult.who for adult in adults if adult.part in _NAMES}
    kept = []
    for adult in adults:
        who, mark, last = adult.who.partition("#")
        if not mark or last == "1":
            kept.append(_Adult(who, adult.part, adult.header))
        elif not who and adult.who in named:
            kept.append(_Adult(last, adult.part, adult.header))
    return kept


def _places(adults: list[_Adult]) -> list[tuple[str, str]]:
    """The fields of guardians' columns: each of them gets a number of our own."""
    columns: defaultdict[str, list[_Adult]] = defaultdict(list)
    for adult in adults:
        columns[adult.who].append(adult)
    numbers = {who: int(who) for who in columns if who.isdigit() and who != "0"}
    named = {who for who, held in columns.items() if any(a.part in _NAMES for a in held)}
    taken = set(numbers.values())
    if "" in columns:
        numbers[""] = 1
        if "" in named:
            taken.add(1)
    for who in sorted(columns.keys() - numbers.keys(), key=_rank):
        free = next(number for number in range(1, 100) if number not in taken)
        numbers[who] = free
        taken.add(free)
    return [
        (fields.guardian_field(numbers[adult.who], adult.part), adult.header)
        for adult in adults
        if adult.who in numbers
    ]


def _rank(who: str) -> tuple[int, str]:
    """Mothers, fathers, then contacts for emergencies."""
    return (0 if who.startswith("mother") else 1 if who.startswith("father") else 2, who)


def _share_out(columns: list[tuple[str, str]], found: dict[str, str]) -> None:
    """Gives bare columns such as `First Name` and `Phone` to the student or the guardian."""
    adult = any(name.startswith("guardian_") for name in found)
    students = _has_names(found, "student_")
    if not students and not _has_names(found, "guardian_"):
        # A list of parents names the student by an id alone.
        marked = {f"guardian_{part}" for part in _MARKS_OF_ADULTS} & found.keys()
        students = bool(marked) and not {"grade", "birth_date"} & found.keys()
    for key, header in columns:
        part = _ANYBODYS[key]
        is_adults = students if part in _NAMES else adult or students
        if is_adults:
            found.setdefault(fields.guardian_field(1, part), header)
        else:
            found.setdefault(f"student_{'phone' if part == 'cell_phone' else part}", header)


def _has_names(found: dict[str, str], prefix: str) -> bool:
    return any(f"{prefix}{part}" in found for part in _NAMES)


def _key(header: str) -> str:
    """A header as the tables above write it."""
    text = header.strip()
    table, dot, column = text.partition(".")
    if dot and re.fullmatch(r"\w+", table) and re.fullmatch(r"[\w.]+", column):
        last = column.rpartition(".")[2]
        text = f"{_TABLES.get(table.lower(), '')} {last}"
        if table.lower() in _PEOPLE and last.lower() == "id":
            text = "person id"
    text = text.lower().replace("'s", "").replace("’s", "")
    text = re.sub(r"\(s\)|#$", "", text)
    key = re.sub(r"[^a-z0-9]+", "", text)
    return re.sub(r"^(student|school)s?(?=\1)", "", key)


def says_nothing(header: str) -> bool:
    """True for `Col7`, `Column 3`, `F12` and the like."""
    return bool(re.fullmatch(r"(?:column|col|field|f|c|x|value|unnamed)?\d*", _key(header)))
