"""Every problem the loader can report: its stable code, its title and the usual remedy.

`python -m medpol.loading.catalogue` prints docs/problems.md.
"""

import sys
from typing import NamedTuple


class Entry(NamedTuple):
    """What a code means and what to do about it."""

    title: str
    remedy: str


ROOMS = {
    "MP1": "Files and YAML",
    "MP2": "The data dictionary",
    "MP3": "Criteria",
    "MP4": "Policies and versions",
    "MP5": "The library and the plan's rules",
    "MP6": "Requests",
    "MP7": "Cases",
    "MP8": "Claims files",
    "MP9": "Questions to a library, and files of answers",
}

CATALOGUE: dict[str, Entry] = {
    # files and YAML
    "MP101": Entry("The file or folder is missing or cannot be read", "create it, or give another folder"),
    "MP102": Entry("The file is not UTF-8 text", "save it as UTF-8"),
    "MP103": Entry(
        "The file is not YAML", "correct the line; a leaf with [ ] inside a flow list [ … ] needs quotes or block style"
    ),
    "MP104": Entry("The file holds more than one YAML document", "keep one document per file; remove the `---`"),
    "MP105": Entry("The file is empty", "write the file as docs/package-format.md shows, or delete it"),
    "MP106": Entry("The file is too large", "split it; long code lists belong into code_lists/"),
    "MP107": Entry("The file is nested too deeply", "name parts of the criterion in statements of their own"),
    "MP108": Entry("Anchors, aliases and tags are not used here", "write the value out, or put the text in quotes"),
    "MP109": Entry("A key stands twice in one mapping", "keep one of them"),
    "MP110": Entry("The key is not known here", "remove it or correct its spelling"),
    "MP111": Entry("A key is missing", "add it"),
    "MP112": Entry("A key has no value", "give it a value, or remove the key"),
    "MP113": Entry("The value is of another kind", "write it as docs/package-format.md shows"),
    "MP114": Entry("The value is none of those allowed", "use one of them"),
    "MP115": Entry("Not a date", "write YYYY-MM-DD, a day that exists"),
    "MP117": Entry("Not yes or no", "write true or false"),
    "MP118": Entry(
        "The file does not belong into this folder", "name a version file by its effective date, YYYY-MM-DD.yaml"
    ),
    "MP119": Entry("A value stands twice in one list", "keep one of them"),
    # facts
    "MP201": Entry("Not a name for a fact", "use lower-case letters, digits and underscores, beginning with a letter"),
    "MP202": Entry("The fact's name is taken", "choose another name"),
    "MP203": Entry("The key does not go with this type of fact", "remove the key or change the type"),
    "MP204": Entry("An ordinal needs its levels", "list two or more levels, lowest first"),
    "MP205": Entry("Not a range", "write LOW..HIGH; one end may be left out"),
    "MP206": Entry("Not a unit of time", "write d, wk, mo or a"),
    # criteria
    "MP301": Entry("The leaf cannot be read", "see docs/package-format.md, “Leaves, as text”"),
    "MP302": Entry("The fact is not in the data dictionary", "correct the spelling or declare it in facts.yaml"),
    "MP303": Entry("This type of fact cannot be used so", "use a comparison that goes with the type"),
    "MP304": Entry("The unit does not fit the fact", "write the value in the fact's own unit"),
    "MP305": Entry("The range is empty", "the lower end must lie below the upper end"),
    "MP306": Entry(
        "The comparison lies outside the fact's range", "correct the number, or the fact's range in facts.yaml"
    ),
    "MP307": Entry("Not a level of this scale", "use one of its levels"),
    "MP308": Entry("Not a value of this type", "write a value of the fact's type"),
    "MP309": Entry("The value is not declared for this fact", "use a declared value, or add it to facts.yaml"),
    "MP310": Entry("Not a code, a prefix or a range of codes", "write G47.33, M48.0* or I83.001-I83.899"),
    "MP311": Entry("A code is listed twice", "keep one of them"),
    "MP312": Entry("The group is empty", "list at least one criterion"),
    "MP313": Entry("at_least does not fit its group", "it must lie between 1 and the number of members"),
    "MP314": Entry("Not one criterion", "a mapping says exactly one thing, beside unless, label and source"),
    "MP315": Entry("No code list has this name", "add it to the version's code_lists or as a file of code_lists/"),
    "MP316": Entry(
        "The time window cannot be read",
        "write: within N UNIT before|after · at least N UNIT before|after · between N and M UNIT before|after · "
        "on · before · after · on or before · on or after, then a date fact",
    ),
    "MP317": Entry(
        "Not a span of earlier claims",
        "write N days|weeks|months|years, lifetime, calendar year, same day or same claim",
    ),
    "MP318": Entry("Not a count", 'write a comparison with a whole number, such as ">= 1", or a range such as 1..3'),
    "MP319": Entry("The count always holds, or never", "compare with a number that a count can reach"),
    "MP320": Entry(
        "The table of thresholds is incomplete", "one or more rows with when and then, and last a row with otherwise"
    ),
    "MP321": Entry("The comparison of a table cannot be read", "write: compare: FACT >= (or >, <=, <)"),
    "MP322": Entry("No source has this key", "add it to the sources of policy.yaml"),
    "MP323": Entry("Ages count completed units", "use a whole number, or age_months or age_days"),
    # policies
    "MP401": Entry("The folder is not named by the policy's number", "rename the folder, or correct the number"),
    "MP402": Entry("The file is not named by the version's effective date", "rename the file, or correct the date"),
    "MP403": Entry("Two versions are in force at once", "let the earlier one end by the day the later takes effect"),
    "MP404": Entry("The end is not after the beginning", "the end is the first day on which it no longer applies"),
    "MP405": Entry("A code is listed twice in the version", "give each code once per role and time"),
    "MP406": Entry("An id stands twice", "give each its own id"),
    "MP407": Entry(
        "A statement names a service the version does not list", "use a role or a code of the version's codes"
    ),
    "MP408": Entry(
        "The related policy is not in this library", "correct the number, or name it under related_elsewhere"
    ),
    "MP409": Entry("The line of business is not in library.yaml", "use a line of business of library.yaml"),
    "MP410": Entry("The policy has no version", "add a file YYYY-MM-DD.yaml"),
    "MP411": Entry("The version says nothing", "give it statements or a default"),
    "MP412": Entry(
        "A code list has both codes and not_loaded, or neither", "give the codes, or say how a plan loads them"
    ),
    "MP413": Entry("An entry of codes has both code and codes, or neither", "give one of them"),
    "MP414": Entry(
        "The grant cannot be read", "write a quantity such as 6 months or 12, or a table that ends with otherwise"
    ),
    "MP415": Entry("Not a month or a day", "write YYYY, YYYY-MM or YYYY-MM-DD"),
    "MP416": Entry(
        "The file is named after no section", "name it as docs/package-format.md lists them, such as text/background.md"
    ),
    "MP418": Entry(
        "The text holds what is no text", "write paragraphs, lists, headings and tables; comments are <!-- … -->"
    ),
    "MP417": Entry("The text cannot be read", "save it as Markdown in UTF-8"),
    # library
    "MP501": Entry("The authority is not known", "use one of the authorities of docs/package-format.md"),
    "MP502": Entry("An authority stands twice in a precedence", "keep one of them"),
    "MP503": Entry("The plan adopts an authority that has no policy here", "add its policies, or do not adopt it"),
    "MP504": Entry("The assumption is about an unknown fact", "correct the spelling or declare it in facts.yaml"),
    "MP505": Entry("The assumed value does not fit the fact", "write a value of the fact's type and range"),
    # requests
    "MP601": Entry("Not JSON", "send one JSON object"),
    "MP602": Entry("The value is of another kind", "send the kind that is expected"),
    "MP603": Entry("The key is not known here", "remove it or correct its spelling"),
    "MP604": Entry("A value is missing that every request needs", "send it"),
    "MP605": Entry("The fact is not in the data dictionary", "send only facts that facts.yaml declares"),
    "MP606": Entry(
        "The value lies outside the possible range", "correct the value, or leave it out if it is not known"
    ),
    "MP607": Entry("The unit cannot be converted to the fact's unit", "send the value in the fact's unit"),
    "MP608": Entry("Not a date", "send YYYY-MM-DD, a day that exists"),
    "MP609": Entry(
        "The service lies before the member's birth, or the member would be too old", "correct one of the dates"
    ),
    "MP610": Entry("The age is not that of the birth date", "send one of them, or correct it"),
    "MP611": Entry(
        "The line of business is not in library.yaml", "send one that is, or leave it out if it is not known"
    ),
    "MP612": Entry("Not a code", "send letters and digits as the code system writes them"),
    "MP613": Entry(
        "The value is not declared for this fact", "send a declared value, or leave it out if it is not known"
    ),
    "MP614": Entry("A key stands twice", "keep one of them"),
    # cases
    "MP701": Entry("The case does not say what state it expects", "add expect: {state: …}"),
    "MP702": Entry("The file holds no case", "add a case, or delete the file"),
    # claims files: MP801–MP809 the file or its map, MP811–MP820 one row (a reject)
    "MP801": Entry("The claims file is missing or cannot be read", "give a Parquet file or a CSV file, plain or .gz"),
    "MP802": Entry(
        "The claims file is neither Parquet nor CSV, or damaged", "save it again as Parquet, or as CSV in UTF-8"
    ),
    "MP803": Entry("The map names a column that the file does not have", "correct the column's name in the map"),
    "MP804": Entry("No column gives what every line needs", "say in a map which column gives it (docs/claims.md)"),
    "MP805": Entry(
        "The map names what no claim line has",
        "use a fact of the data dictionary, or code, claim, claim_line, member, provider, level, billed, death_date",
    ),
    "MP806": Entry("The map's entry cannot be read", "write it as docs/claims.md shows"),
    "MP807": Entry("The map gives a fact twice", "keep the column or the constant"),
    "MP808": Entry("The file has two columns of one name", "rename one of them"),
    "MP809": Entry("The column's type cannot be read", "save the column as text, number or date"),
    "MP810": Entry(
        "The files of the input differ in their columns or kinds", "bring them into one form, or give them one by one"
    ),
    "MP811": Entry("The row is malformed CSV", "quote values that hold delimiters, quotes or line breaks"),
    "MP812": Entry("The row has no code", "give the procedure code"),
    "MP813": Entry("Not a code", "give letters and digits as the code system writes them"),
    "MP814": Entry("The row has no service date", "give the date of service"),
    "MP815": Entry("Not a date", "write YYYY-MM-DD, or say the format in the map"),
    "MP816": Entry(
        "The service lies before the member's birth, or the member would be too old", "correct one of the dates"
    ),
    "MP817": Entry("Not a number", "write digits, such as 12 or 3.5"),
    "MP818": Entry("The number lies outside its range", "correct it, or leave it empty if it is not known"),
    "MP819": Entry(
        "The value is not declared for this fact", "use a declared value, or translate it under `values` of the map"
    ),
    "MP820": Entry("Not yes or no", "write true or false"),
    "MP821": Entry(
        "A rule of data quality found the row, and the map rejects by it", "correct the row (docs/claims.md)"
    ),
    # MP822–MP832 what a map says of quality and of tables
    "MP822": Entry("The map's section quality cannot be read", "use the rules of docs/claims.md"),
    "MP831": Entry("The map's table of facts cannot be used", "write it as docs/claims.md shows"),
    "MP832": Entry(
        "A table of facts is missing or cannot be read", "give a Parquet or CSV file; paths start at the map"
    ),
    # questions to a library, and files of answers
    "MP901": Entry("There is no such policy", "give the number of one that is there"),
    "MP902": Entry("No version of the policy is in force on that date", "give a date on which one is"),
    "MP903": Entry("The output cannot be written", "give another --out"),
    "MP904": Entry("The file was not written by medpol adjudicate", "give the Parquet file it wrote"),
    "MP905": Entry("The file cannot be read", "give another file"),
    "MP906": Entry("The file is no answer of medpol decide --json", "give the answer unchanged"),
    "MP907": Entry("The output has no such line", "give a number of its column `line`"),
    "MP908": Entry("The output's ending names no format", "let the name end in .parquet or .csv"),
    "MP910": Entry(
        "A version asks more statements about one code than a batch takes",
        "part the statements by service, or join some of them",
    ),
    "MP911": Entry("A file changed while it was checked", "run the command again"),
    "MP912": Entry("A fix would make the library unreadable", "put it right by hand, and report the rule's fault"),
    "MP909": Entry("The claims file is damaged", "make the file again; what could be read was not written"),
    # publishing (rendering/publication)
    "MP920": Entry(
        "An expression of the text cannot be computed",
        "see docs/publishing.md for the functions and the evidence for their names",
    ),
    "MP921": Entry(
        "The text cites a reference that is not there",
        "give a key of evidence/references.yaml that was in print by the version's literature date",
    ),
    "MP922": Entry("The text uses a mark where it cannot stand", "write {{ expressions }}; give a table its paragraph"),
    "MP923": Entry("The theme cannot be used", "write theme.yaml as docs/publishing.md shows"),
    "MP924": Entry("The format needs a package that is not installed", "install medpol[documents]"),
    "MP925": Entry("The theme's PDF template cannot be set", "correct document.typ in the theme's folder"),
    "MP926": Entry("The folder is no site of medpol", "give an empty folder, or one that medpol site wrote"),
    # letters and member summaries (rendering/letters, rendering/member_summary)
    "MP931": Entry("The plain words or fixed sentences cannot be used", "correct plain.yaml or words.yaml"),
    "MP932": Entry("The signature cannot be read", "write it as docs/letters.md shows"),
    "MP933": Entry("This person may not sign this letter", "let a person sign whom library.yaml's signers allow"),
    "MP934": Entry("The same person decided the appeal", "let another person decide the appeal"),
    "MP935": Entry("The appeal rights cannot be used", "correct the file as docs/letters.md shows"),
    "MP936": Entry(
        "No appeal rights are written for this line of business and state", "add them to the folder of appeal rights"
    ),
    "MP937": Entry("The answer does not fit the letter", "choose another --kind"),
    "MP938": Entry(
        "A decision against a member is not signed", "give --signature FILE, or --draft for an unsigned draft"
    ),
    "MP939": Entry("The answer cannot be made again", "give its request, or decide again"),
    # other engines and warehouses
    "MP951": Entry("No SQL dialect has this name", "give one of those that `medpol adjudicate --help` names"),
    "MP952": Entry("The engine cannot be used here", "install medpol[spark], and Java 17 or 21"),
    # a criterion read back from its English (rendering/reading)
    "MP971": Entry("The line is no sentence of a criterion", "write it as `medpol show` does, one sentence a line"),
    "MP972": Entry(
        "No fact has this name in words", "write the fact's name in words as facts.yaml has it, such as `age` or `BMI`"
    ),
    "MP973": Entry("The value does not fit the fact", "write a value of the fact's type in the fact's own unit"),
    "MP974": Entry("The code list is not known", "name a code list of the version or of code_lists/"),
    "MP975": Entry(
        "The lines are not laid out as one criterion",
        "put every criterion on a line of its own, and what belongs to a line indented under it",
    ),
    "MP976": Entry("The sentence is said otherwise", "write the sentence as shown"),
    # inputs decided part after part (library/streaming)
    "MP981": Entry("The amount of memory cannot be read, or is too small", "write it as 2GB or 800MB"),
    "MP982": Entry(
        "The output is of another run, or not of medpol", "give another --out, or --fresh to begin this run anew"
    ),
    "MP983": Entry("Another process is writing the output", "wait until it has ended, or give another --out"),
    "MP984": Entry(
        "A process that decided lines ended too early, most often for want of memory",
        "run the command again, which takes the run up, with more --memory, or fewer --workers",
    ),
    "MP961": Entry("The policy has no such version", "give the effective date of one that is there"),
    "MP962": Entry("The two sides of a replay cannot be compared so", "give an earlier and a later version"),
    "MP963": Entry(
        "A fact is declared otherwise in the two libraries", "give the fact another name where it is another value"
    ),
}


def page() -> str:
    """docs/problems.md."""
    lines = [
        "# Problems",
        "",
        "Every finding names its place, one of these codes, and a remedy. Codes never change their meaning.",
        "",
    ]
    for room, title in ROOMS.items():
        lines += [f"## {title}", "", "| code | problem | remedy |", "|---|---|---|"]
        lines += [
            f"| {code} | {entry.title} | {entry.remedy.replace('|', chr(92) + '|')} |"
            for code, entry in CATALOGUE.items()
            if code.startswith(room)
        ]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
