"""Make the invented claim lines of the demonstration: seeded, synthetic people only.

    python tools/make_demo_claims.py > src/medpol/data/claims/demonstration/claims.csv

Members of four lines of business over three years, with services that the bundled library governs, diagnoses that
fit most of the time, repeated services (so that frequency limits have something to find), and a few rows that no
system should swallow.
"""

import csv
import random
import sys
from datetime import date, timedelta

SEED = 20260201
MEMBERS = 400
FIRST = date(2023, 1, 1)
DAYS = 1095
COLUMNS = (
    *("claim", "line", "member", "birth_date", "sex", "state", "line_of_business", "service_date", "code"),
    *("modifier_1", "modifier_2", "diagnosis_1", "diagnosis_2", "place_of_service", "units", "billed"),
)

# code, place of service, billed, diagnoses that fit, diagnoses that do not, modifiers, who (sex, from age, to age)
SERVICES = (
    ("80061", "81", 62, ("E78.5", "I10", "E11.9"), ("Z00.00", "R53.83"), (), ("FM", 30, 90)),
    ("83036", "81", 45, ("E11.9", "E11.65", "R73.03"), ("Z00.00", "M54.50"), (), ("FM", 30, 90)),
    ("84443", "81", 71, ("E03.9", "R53.83", "E05.90"), ("Z00.00", "M25.561"), (), ("FM", 20, 90)),
    ("85025", "81", 38, ("D64.9", "R50.9", "E11.9"), ("Z00.00",), (), ("FM", 1, 95)),
    ("85610", "81", 24, ("I48.91", "Z79.01", "D68.9"), ("Z01.818",), (), ("FM", 40, 95)),
    ("84153", "81", 88, ("R97.20", "C61", "N40.1"), ("Z00.00",), (), ("M", 45, 90)),
    ("87086", "81", 33, ("N39.0", "R30.0"), ("Z00.00",), (), ("FM", 10, 95)),
    ("82728", "81", 41, ("D50.9", "E83.110"), ("R53.83",), (), ("FM", 20, 90)),
    ("77067", "11", 290, ("Z12.31",), ("R92.8",), (), ("F", 35, 80)),
    ("17000", "11", 140, ("L57.0",), ("L82.1",), (), ("FM", 40, 95)),
    ("93000", "11", 95, ("I10", "R00.2", "R07.9"), ("Z00.00",), (), ("FM", 30, 95)),
    ("E0601", "12", 880, ("G47.33",), ("R06.83",), ("RR", "KX"), ("FM", 25, 85)),
    ("A7030", "12", 165, ("G47.33",), ("R06.83",), ("NU", "KX"), ("FM", 25, 85)),
    ("A7038", "12", 9, ("G47.33",), ("R06.83",), ("NU",), ("FM", 25, 85)),
    ("E1390", "12", 210, ("J44.9", "J96.11"), ("R06.02",), ("RR",), ("FM", 45, 95)),
    ("72148", "22", 1350, ("M48.061", "M54.16"), ("M54.50",), (), ("FM", 25, 90)),
    ("97810", "11", 85, ("M54.50",), ("M25.561",), (), ("FM", 25, 85)),
    ("97802", "11", 120, ("E11.9", "N18.4"), ("E66.9",), (), ("FM", 30, 85)),
    ("62330", "22", 6400, ("M48.062",), ("M51.26",), (), ("FM", 55, 90)),
    ("63650", "22", 9800, ("M96.1", "G89.4"), ("M54.50",), (), ("FM", 35, 85)),
    ("43775", "21", 21500, ("E66.01",), ("E66.9",), (), ("FM", 20, 65)),
    ("G0444", "11", 22, ("Z13.31",), ("Z00.00",), (), ("FM", 18, 95)),
    ("65760", "24", 2100, ("H52.13",), ("H52.13",), (), ("FM", 20, 60)),
    ("99213", "11", 130, ("I10", "E11.9", "M54.50"), ("Z00.00",), (), ("FM", 1, 95)),
)
SPOILT = (
    {"service_date": "2024-02-30"},
    {"service_date": ""},
    {"code": ""},
    {"code": "?"},
    {"birth_date": "2031-05-05"},
    {"units": "one"},
)


def main() -> None:
    rng = random.Random(SEED)
    members = [_member(rng, number) for number in range(1, MEMBERS + 1)]
    rows = []
    for member in members:
        wanted = [service for service in SERVICES if _fits(service[6], member)]
        for service in rng.sample(wanted, min(len(wanted), rng.randint(2, 6))):
            rows += _visits(rng, member, service)
    rows.sort(key=lambda row: (row["service_date"], row["member"], row["code"]))
    for number, row in enumerate(rows, 1):
        row["claim"], row["line"] = f"D{number:06d}", "1"
    for change in SPOILT:
        rng.choice(rows).update(change)
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _member(rng: random.Random, number: int) -> dict[str, str]:
    line = rng.choices(("commercial", "medicare_advantage", "medicare", "fep"), (55, 25, 15, 5))[0]
    low, high = (66, 92) if line.startswith("medicare") else (4, 64)
    birth = date(2024, 6, 1) - timedelta(days=rng.randint(low * 365, high * 365))
    return {
        "member": f"synthetic-{number:04d}",
        "birth_date": birth.isoformat(),
        "sex": rng.choice("FM"),
        "state": rng.choice(("IA", "SD", "NE")),
        "line_of_business": line,
    }


def _fits(who: tuple[str, int, int], member: dict[str, str]) -> bool:
    age = 2024 - int(member["birth_date"][:4])
    return member["sex"] in who[0] and who[1] <= age <= who[2]


def _visits(rng: random.Random, member: dict[str, str], service: tuple) -> list[dict[str, str]]:
    code, place, billed, fitting, others, modifiers, _ = service
    day = FIRST + timedelta(days=rng.randint(0, DAYS))
    rows = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        diagnosis = rng.choice(fitting if rng.random() < 0.8 else others)
        chosen = list(modifiers) if rng.random() < 0.7 else list(modifiers[:1])
        rows.append(
            member
            | {
                "service_date": day.isoformat(),
                "code": code,
                "modifier_1": chosen[0] if chosen else "",
                "modifier_2": chosen[1] if len(chosen) > 1 else "",
                "diagnosis_1": diagnosis,
                "diagnosis_2": rng.choice(("", "", "I10", "E78.5")),
                "place_of_service": place,
                "units": "1",
                "billed": f"{billed * rng.uniform(0.8, 1.3):.2f}",
            }
        )
        day += timedelta(days=rng.choice((30, 60, 95, 180, 370)))
    return rows


if __name__ == "__main__":
    main()
