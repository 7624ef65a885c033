"""Several people label: what counts, how far they agree, who is let in."""

import pytest

from components.shared.core import errors
from pipeline.programs.label import agreement, door, order
from pipeline.programs.label import app as app_lib
from pipeline.programs.label import book as book_lib
from pipeline.programs.label import journal as journal_lib
from pipeline.programs.label import session as session_lib

OWN = {"Origin": "http://localhost"}
FAR = {"REMOTE_ADDR": "192.0.2.7"}


def _pairs(both_yes, both_no, yes_no, no_yes):
  return [
    *[("yes", "yes")] * both_yes,
    *[("no", "no")] * both_no,
    *[("yes", "no")] * yes_no,
    *[("no", "yes")] * no_yes,
  ]


def test_kappa_of_a_worked_example():
  found = agreement.kappa(_pairs(20, 15, 5, 10))  # 0.7 agree, 0.5 by chance.
  assert found["agree"] == 35 and found["kappa"] == pytest.approx(0.4)
  low, high = found["interval"]
  assert low < 0.4 < high and high - low == pytest.approx(2 * 0.2454, abs=0.005)


def test_a_few_equal_answers_are_no_certainty():
  found = agreement.kappa(_pairs(5, 5, 0, 0))
  assert found["kappa"] == 1 and found["interval"][0] < 0.5
  assert agreement.kappa(_pairs(5, 0, 0, 0))["kappa"] is None


def test_the_first_answer_counts_until_a_dispute_is_settled(tmp_path):
  csv = tmp_path / "labels.csv"
  book = book_lib.Book(csv, "Male")
  book.record("a.jpg", "yes", journal_lib.LABELING)
  book.record("a.jpg", "no", journal_lib.LABELING, "Ana")
  book.record("b.jpg", "no", journal_lib.LABELING, "Ana", order.RANDOM, "blurred")
  assert csv.read_text() == "image_id,Male\na.jpg,1\nb.jpg,0\n"
  assert book.opinions.disputed() == ["a.jpg"]
  book.close()
  book = book_lib.Book(csv, "Male")  # All of it is on the disk.
  assert book.opinions.disputed() == ["a.jpg"]
  assert book.opinions.of("Ana") == {"a.jpg": "no", "b.jpg": "no"}
  assert book.opinions.of("") == {"a.jpg": "yes"}
  assert book.opinions.notes == {"b.jpg": "blurred"}
  assert book.opinions.orders == {"b.jpg": order.RANDOM}
  book.record("a.jpg", "no", journal_lib.DISPUTE)
  assert not book.opinions.disputed()
  book.close()
  assert csv.read_text() == "image_id,Male\na.jpg,0\nb.jpg,0\n"


def test_another_attributes_second_opinion_is_not_written(tmp_path):
  csv = tmp_path / "labels.csv"
  book = book_lib.Book(csv, "Male")
  book.record("a.jpg", "yes", journal_lib.LABELING)
  old = csv.read_bytes()
  book.record("a.jpg", "no", journal_lib.LABELING, "Ana")
  crashed = book_lib.journal_of(csv).read_bytes()
  book.close()
  csv.write_bytes(old)
  book_lib.journal_of(csv).write_bytes(crashed)
  other = book_lib.Book(csv, "Smiling")
  other.record("b.jpg", "yes", journal_lib.LABELING)
  other.close()
  assert "a.jpg,1," in csv.read_text()


def test_evaluation_photos_are_for_all_and_the_others_are_divided(opened, folder):
  plan = session_lib.Plan(evaluation=frozenset({"000008.jpg"}), shared=True)
  here, photos, _ = opened(folder(4), plan=plan)
  ana = here.for_labeller("Ana")
  for name in ("000007.jpg", "000008.jpg"):
    here.answer(photos.numbers[name], "yes")
  assert ana.state()["photo"]["name"] == "000008.jpg"
  state = ana.answer(photos.numbers["000008.jpg"], "no")
  assert state["photo"]["name"] == "000009.jpg"
  assert state["disputed"] == 1 and "agree on 0 of 1" in state["agreement"][0]
  assert [photo["name"] for photo in ana.sheet(None, 0)["photos"]] == ["000008.jpg"]
  asked = here.ask_disputed()["photo"]
  assert asked["name"] == "000008.jpg" and asked["answer"] is None and asked["again"]
  assert here.answer(asked["number"], "no")["disputed"] == 0


def test_photos_for_evaluation_are_mixed_in():
  asked = order.mixed(list("AB"), list("abcdefghij"))
  assert asked == list("abcdAefghBij")


def test_a_link_lets_one_person_in(opened, folder):
  said = []
  session, photos, _ = opened(folder(2))
  entrance = door.Door(session, session.for_labeller, said.append)
  app = app_lib.create(session, photos, entrance)
  entrance.open("http://192.0.2.1:1/")
  path = said[-1].split("192.0.2.1:1")[1]
  stranger, guest = app.test_client(), app.test_client()
  for address in ("/", "/state", "/photo/0/large", "/answers"):
    assert stranger.get(address, environ_base=FAR).status_code == 403
  body = {"number": 0, "answer": "yes"}
  assert stranger.post("/answer", headers=OWN, json=body, environ_base=FAR).status_code == 403
  assert app.test_client().get("/state").status_code == 200  # At this machine.
  assert stranger.get("/join/wrong", environ_base=FAR).status_code == 403
  assert guest.get(path, environ_base=FAR).status_code == 200
  for name in ("", " Ana", "<b>", "a" * 41, None):
    assert guest.post(path, headers=OWN, json={"name": name}, environ_base=FAR).status_code == 400
  entered = guest.post(path, headers=OWN, json={"name": "Ana"}, environ_base=FAR)
  assert entered.status_code == 200 and "HttpOnly" in entered.headers["Set-Cookie"]
  assert guest.post("/answer", headers=OWN, json=body, environ_base=FAR).status_code == 200
  assert stranger.post(path, headers=OWN, json={"name": "Eve"}, environ_base=FAR).status_code == 403
  assert said[-1].split("192.0.2.1:1")[1] != path


def test_another_persons_csv_is_compared(tmp_path):
  csv, ana = tmp_path / "labels.csv", tmp_path / "ana.csv"
  csv.write_text("image_id,Male\na.jpg,1\nb.jpg,0\n")
  ana.write_text("image_id,Male\na.jpg,0\nb.jpg,0\nc.jpg,1\nd.jpg,\n")
  for _ in range(2):  # Once more changes nothing.
    book = book_lib.Book(csv, "Male")
    book.add_second(ana)
    assert book.opinions.disputed() == ["a.jpg"]
    (pair,) = agreement.of_pairs(book.opinions.of_labellers)
    assert (pair["labellers"], pair["photos"], pair["agree"]) == (["here", "ana"], 2, 1)
    book.close()
    assert csv.read_text() == "image_id,Male\na.jpg,1\nb.jpg,0\nc.jpg,1\n"
  lines = book_lib.journal_of(csv).read_text().splitlines()
  assert sum('"ana"' in line for line in lines) == 3
  with pytest.raises(errors.UserError, match="has no column Smiling"):
    book_lib.Book(tmp_path / "other.csv", "Smiling").add_second(ana)
