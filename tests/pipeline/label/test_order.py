from pipeline.programs.label import order

NAMES = [f"{number:03d}.jpg" for number in range(40)]


def test_by_name():
  assert order.arrange(reversed(NAMES), order.NAME, 0) == NAMES


def test_random_is_seeded_and_complete():
  first = order.arrange(NAMES, order.RANDOM, 1)
  assert first == order.arrange(NAMES[::-1], order.RANDOM, 1)
  assert first != order.arrange(NAMES, order.RANDOM, 2) != NAMES != first
  assert sorted(first) == NAMES


def test_photos_that_come_or_go_leave_the_others_in_their_order():
  fewer = [name for name in NAMES if name != "007.jpg"]
  assert order.arrange(fewer, order.RANDOM, 1) == [
    name for name in order.arrange(NAMES, order.RANDOM, 1) if name != "007.jpg"
  ]


def test_the_least_certain_come_first_and_unscored_ones_last():
  probabilities = {"001.jpg": 0.99, "002.jpg": 0.45, "003.jpg": 0.6, "004.jpg": 0.0}
  found = order.arrange(NAMES, order.INFORMATIVE, 0, probabilities)
  assert found[:4] == ["002.jpg", "003.jpg", "001.jpg", "004.jpg"]
  assert found[4:] == [
    name for name in order.arrange(NAMES, order.RANDOM, 0) if name not in probabilities
  ]


def test_no_more_are_scored_than_someone_waits_for():
  many = [f"{number}.jpg" for number in range(order.MOST_SCORED + 5)]
  assert len(set(order.to_score(many, 0))) == order.MOST_SCORED
  assert sorted(order.to_score(NAMES, 0)) == NAMES
