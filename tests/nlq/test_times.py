"""Every form of time, in the middle of a question about scenes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from kg.home import Home
from nlq.engine import Engine

TODAY = date(2024, 11, 5)  # a Tuesday
FORMS = """
first half of October 2020 => 2020-10-01/2020-10-15
the second half of February 2020 => 2020-02-16/2020-02-29
the last week of March 2021 => 2021-03-25/2021-03-31
the second week of May 2019 => 2019-05-08/2019-05-14
the first ten days of June 2018 => 2018-06-01/2018-06-10
the last 10 days of August 2022 => 2022-08-22/2022-08-31
the first three months of 2019 => 2019-01-01/2019-03-31
the last two months of 2021 => 2021-11-01/2021-12-31
the last quarter of 2020 => 2020-10-01/2020-12-31
the third quarter of 2017 => 2017-07-01/2017-09-30
mid-July 2020 => 2020-07-11/2020-07-20
early 2018 => 2018-01-01/2018-04-30
late summer 2019 => 2019-08-01/2019-08-31
from 5 May 2020 on => 2020-05-05/..
from 3/2019 to 5/2019 => 2019-03-01/2019-05-31
03-2019 => 2019-03-01/2019-03-31
between May 3rd and May 9th, 2021 => 2021-05-03/2021-05-09
May 3-9, 2021 => 2021-05-03/2021-05-09
3.–9. May 2021 => 2021-05-03/2021-05-09
12.08.2020 => 2020-08-12/2020-08-12
2020/08/12 => 2020-08-12/2020-08-12
20200812-20200815 => 2020-08-12/2020-08-15
2020-08-12T00:00:00Z/2020-08-15T23:59:59Z => 2020-08-12/2020-08-15
on the 12th of August 2020 => 2020-08-12/2020-08-12
August 12, 2020 => 2020-08-12/2020-08-12
12-Aug-2020 => 2020-08-12/2020-08-12
Aug '20 => 2020-08-01/2020-08-31
summer '19 => 2019-06-01/2019-08-31
in 2016, 2018 and 2020 => 2016-01-01/2016-12-31 | 2018-01-01/2018-12-31 | 2020-01-01/2020-12-31
in 2016 as well as in 2019 => 2016-01-01/2016-12-31 | 2019-01-01/2019-12-31
May 2018, May 2019 and May 2020 => 2018-05-01/2018-05-31 | 2019-05-01/2019-05-31 | 2020-05-01/2020-05-31
April through June 2020 => 2020-04-01/2020-06-30
Dec 2019 - Feb 2020 => 2019-12-01/2020-02-29
December to February 2019/20 => 2019-12-01/2020-02-29
winter 2019/2020 => 2019-12-01/2020-02-29
the winter of 2019-2020 => 2019-12-01/2020-02-29
2019-20 winter => 2019-12-01/2020-02-29
spring 2021 => 2021-03-01/2021-05-31
autumn of 2021 => 2021-09-01/2021-11-30
fall 2021 => 2021-09-01/2021-11-30
the nineties => 1990-01-01/1999-12-31
the 90s => 1990-01-01/1999-12-31
early 1990s => 1990-01-01/1993-12-31
before the year 2000 => ../1999-12-31
prior to May 2019 => ../2019-04-30
up to and including 2015 => ../2015-12-31
not before March 2020 => 2020-03-01/..
no later than 2 June 2019 => ../2019-06-02
after 2 June 2019 => 2019-06-03/..
since mid 2021 => 2021-05-01/..
the past ten days => 2024-10-26/2024-11-05
the last 3 weeks => 2024-10-15/2024-11-05
last month => 2024-10-01/2024-10-31
last year => 2023-01-01/2023-12-31
this year => 2024-01-01/2024-12-31
this month => 2024-11-01/2024-11-30
last week => 2024-10-28/2024-11-03
this week => 2024-11-04/2024-11-10
yesterday => 2024-11-04/2024-11-04
today => 2024-11-05/2024-11-05
two years ago => 2022-01-01/2022-12-31
last winter => 2023-12-01/2024-02-29
this spring => 2024-03-01/2024-05-31
last August => 2024-08-01/2024-08-31
the year before last => 2022-01-01/2022-12-31
the last six months => 2024-05-05/2024-11-05
the last 48 hours => 2024-11-03/2024-11-05
within 5 days after 6 February 2023 => 2023-02-07/2023-02-11
the two weeks before 6 February 2023 => 2023-01-23/2023-02-05
within a week of 6 February 2023 => 2023-01-30/2023-02-13
three days before and after 6 February 2023 => 2023-02-03/2023-02-09
6 February 2023 plus or minus 5 days => 2023-02-01/2023-02-11
on 6 or 8 February 2023 => 2023-02-06/2023-02-06 | 2023-02-08/2023-02-08
on 6 and 8 February 2023 => 2023-02-06/2023-02-06 | 2023-02-08/2023-02-08
from 6 to 8 and from 20 to 22 February 2023 => 2023-02-06/2023-02-08 | 2023-02-20/2023-02-22
6-8 Feb and 20-22 Feb 2023 => 2023-02-06/2023-02-08 | 2023-02-20/2023-02-22
first in June 2018 and again in June 2022 => 2018-06-01/2018-06-30 | 2022-06-01/2022-06-30
the summers of 2018 and 2019 => 2018-06-01/2018-08-31 | 2019-06-01/2019-08-31
every summer since 2017 => 2017-01-01/.. months 6,7,8
each July between 2018 and 2022 => 2018-01-01/2022-12-31 months 7
all Augusts from 2015 to 2018 => 2015-01-01/2018-12-31 months 8
July and August of every year from 2016 on => 2016-01-01/.. months 7,8
in the months May to July of the years 2017 to 2020 => 2017-01-01/2020-12-31 months 5,6,7
in the growing season, April to September, of 2018 => 2018-04-01/2018-09-30
June of any year =>  months 6
any December =>  months 12
always in March =>  months 3
annually in October since 2019 => 2019-01-01/.. months 10
every winter between 2016 and 2020 => 2016-01-01/2020-12-31 months 1,2,12
on New Year's Day 2022 => 2022-01-01/2022-01-01
on Christmas Eve 2021 => 2021-12-24/2021-12-24
on 29 February 2020 => 2020-02-29/2020-02-29
calendar week 23 of 2020 => 2020-06-01/2020-06-07
week 23, 2020 => 2020-06-01/2020-06-07
day of year 200 in 2020 => 2020-07-18/2020-07-18
from noon 5 May 2020 to 7 May 2020 => 2020-05-05/2020-05-07
H1 2019 => 2019-01-01/2019-06-30
2019H2 => 2019-07-01/2019-12-31
Q3 and Q4 2019 => 2019-07-01/2019-12-31
Q1 and Q4 2019 => 2019-01-01/2019-03-31 | 2019-10-01/2019-12-31
Q1-Q2 2020 => 2020-01-01/2020-06-30
2020 Q1 => 2020-01-01/2020-03-31
the years 2015 through 2018 => 2015-01-01/2018-12-31
2015–18 => 2015-01-01/2018-12-31
from late April to early May 2021 => 2021-04-21/2021-05-10
in the twelve months up to June 2020 => 2019-07-01/2020-06-30
from June 2019 for three months => 2019-06-01/2019-08-31
starting 1 June 2019 and ending 15 July 2019 => 2019-06-01/2019-07-15
at the end of 2019 => 2019-09-01/2019-12-31
at the beginning of May 2020 => 2020-05-01/2020-05-10
not in winter =>  months 3,4,5,6,7,8,9,10,11
outside the summer months =>  months 1,2,3,4,5,9,10,11,12
after the 2010s => 2020-01-01/..
later than May 2021 but earlier than September 2021 => 2021-06-01/2021-08-31
newer than 2021 => 2022-01-01/..
older than ten years => ../2014-11-04
more than ten years ago => ../2014-11-04
less than a year old => 2023-11-05/..
in the year of 2017 => 2017-01-01/2017-12-31
all of 2017 => 2017-01-01/2017-12-31
the whole month of May 2017 => 2017-05-01/2017-05-31
during the month of May 2017 => 2017-05-01/2017-05-31
throughout spring 2017 => 2017-03-01/2017-05-31
on Monday 4 May 2020 => 2020-05-04/2020-05-04
Tuesday, May 5th 2020 => 2020-05-05/2020-05-05
two days after 10 May 2020 => 2020-05-11/2020-05-12
the day after 10 May 2020 => 2020-05-11/2020-05-11
the day before 10 May 2020 => 2020-05-09/2020-05-09
the weekend of 9 May 2020 => 2020-05-09/2020-05-10
between 2018-05 and 2018-07 => 2018-05-01/2018-07-31
2018-05..2018-07 => 2018-05-01/2018-07-31
2018-05 to 2018-07 => 2018-05-01/2018-07-31
from 5 to the end of May 2020 => 2020-05-05/2020-05-31
till 2010 => ../2010-12-31
post 2020 => 2021-01-01/..
pre-2010 => ../2009-12-31
>= 2021-05-01 => 2021-05-01/..
after May 5 2021 and before June 6 2021 => 2021-05-06/2021-06-05
ten-day period starting 1 May 2020 => 2020-05-01/2020-05-10
week starting 4 May 2020 => 2020-05-04/2020-05-10
2020 but not in August => 2020-01-01/2020-07-31 | 2020-09-01/2020-12-31
every June 1999-2004 => 1999-01-01/2004-12-31 months 6
not taken in winter, 2018 to 2020 => 2018-01-01/2020-12-31 months 3,4,5,6,7,8,9,10,11
"""


@pytest.fixture(scope="module")
def engine(builtin_home: Home) -> Iterator[Engine]:
    yield Engine.open(builtin_home)


@pytest.mark.parametrize("form", [line for line in FORMS.splitlines() if line])
def test_forms_of_time(engine: Engine, form: str) -> None:
    words, _, wanted = form.partition(" => ")
    intervals, _, months = wanted.partition("months ")
    question = engine.read(f"Landsat scenes of Vienna {words}", reference_date=TODAY)
    assert question.answerable, question.reason
    found = {"/".join(day or ".." for day in one) for one in question.times}
    assert found == {one.strip() for one in intervals.split("|") if one.strip()}
    assert ",".join(map(str, sorted(question.months))) == months
    assert [str(one.name).split(",")[0] for one in question.places] == ["Vienna"]  # type: ignore[union-attr]


@pytest.mark.parametrize("words", ["week 60 of 2020", "day of year 400 in 2020", "6 and 31 February 2023"])
def test_times_that_do_not_exist(engine: Engine, words: str) -> None:
    question = engine.read(f"Landsat scenes of Vienna {words}", reference_date=TODAY)
    assert not question.answerable
    assert question.reason
