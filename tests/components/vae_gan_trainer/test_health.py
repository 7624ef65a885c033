"""Training that went wrong is reported, with what to change."""

import math

import pytest

from components.shared.core import errors
from components.shared.generators import health
from components.shared.generators import history as history_lib


def _epoch(**changes):
  return {"active_dimensions": 16.0, "sample_diversity": 0.6, "discriminator": 1.2, **changes}


def _judge(steps_an_epoch=200):
  return health.Judge(epochs=8, steps_an_epoch=steps_an_epoch, latent_size=16, adversarial=True)


def test_a_huge_learning_rate_is_reported(small, make_training):
  run = make_training(small(learning_rate=1e30, epochs=4))
  with pytest.raises(health.TrainingCollapsed, match=r"epoch \d.*generator.learning_rate"):
    run.run()


def test_an_enormous_kl_weight_is_reported(small, make_training):
  run = make_training(small(kl_weight=1e5, epochs=52, preview_epochs=26))
  with pytest.raises(health.TrainingCollapsed, match="latent dimensions.*generator.kl_weight"):
    run.run()


def test_it_is_an_error_that_a_user_can_act_on():
  assert issubclass(health.TrainingCollapsed, errors.UserError)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_losses_that_are_not_finite(value):
  with pytest.raises(health.TrainingCollapsed, match="epoch 3 .pixel not fin"):
    health.check_finite({"pixel": value, "kl": 1.0}, 3)


def test_a_healthy_run_passes():
  judge, history = _judge(), []
  for _ in range(8):
    history.append(_epoch())
    assert judge.look(history) is None


@pytest.mark.parametrize(
  "changes, setting",
  [({"active_dimensions": 1.0}, "kl_weight"), ({"sample_diversity": 0.1}, "adversarial_weight")],
)
def test_a_bad_end_is_an_error(changes, setting):
  history = [_epoch()] * 7 + [_epoch(**changes)]
  with pytest.raises(health.TrainingCollapsed, match=setting):
    _judge().look(history)


def test_a_bad_start_is_only_said():
  history = [_epoch(sample_diversity=0.1)]
  assert "0.10 times" in _judge().look(history)


def test_a_run_of_a_few_steps_is_not_an_error():
  history = [_epoch(sample_diversity=0.1)] * 8
  assert "0.10 times" in _judge(steps_an_epoch=10).look(history)


def test_two_bad_looks_in_the_second_half_end_it():
  judge, history = _judge(), [_epoch()] * 4
  bad = _epoch(sample_diversity=0.1)
  assert judge.look(history + [bad]) is not None
  with pytest.raises(health.TrainingCollapsed):
    judge.look(history + [bad, bad])


def test_a_discriminator_that_never_errs_for_a_quarter_of_training():
  sure = _epoch(discriminator=0.01)
  history = [_epoch()] * 7 + [sure]
  assert _judge().look(history) is None
  with pytest.raises(health.TrainingCollapsed, match="discriminator"):
    _judge().look([_epoch()] * 6 + [sure, sure])


def test_states_say_when_an_alarm_went_off():
  history = [
    _epoch(active_dimensions=1.0),
    _epoch(discriminator=0.01),
    _epoch(discriminator=0.01),
    _epoch(),
  ]
  del history[1]["sample_diversity"]  # Not every epoch is looked at.
  rows = {row["alarm"]: row for row in health.states(history, latent_size=60, adversarial=True)}
  assert rows["codes ignored"]["epochs"] == [1]
  assert rows["codes ignored"]["bound"] == 3.0
  assert rows["codes ignored"]["value"] == 16.0
  assert rows["faces all alike"]["epochs"] == []
  assert rows["discriminator saturated"]["epochs"] == [3]
  assert len(health.states(history, latent_size=60, adversarial=False)) == 2


def test_health_is_written_at_the_end(small, make_training, tmp_path):
  run = make_training(small(epochs=2))
  run.run()
  found = history_lib.read_health(str(tmp_path / "run" / "log"))
  assert [row["alarm"] for row in found["alarms"]] == [
    "codes ignored",
    "faces all alike",
    "discriminator saturated",
  ]
  nats = found["kl_by_dimension"]
  assert len(nats) == 8 and min(nats) >= 0
  assert sum(nat > health.ACTIVE_NATS for nat in nats) == run.history[-1]["active_dimensions"]
