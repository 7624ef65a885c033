"""Addresses of a database, and where their passwords go."""

import os

import pytest

from pipeline import metadata_url


@pytest.fixture(autouse=True)
def no_password(monkeypatch):
  monkeypatch.setenv(metadata_url.PASSWORD_VARIABLE, "of before")


@pytest.mark.parametrize(
  "text, host, port",
  [
    ("mysql://me@db.example/runs", "db.example", 3306),
    ("mysql://me@db.example:3307/runs", "db.example", 3307),
    ("mysql://me@[::1]:3307/runs", "::1", 3307),
  ],
)
def test_parts(text, host, port):
  url = metadata_url.parse(text)
  assert (url.user, url.host, url.port, url.database) == ("me", host, port, "runs")
  assert metadata_url.parse(str(url)) == url


def test_password_goes_to_the_environment():
  kept = metadata_url.keep_password("mysql://m%40e:s%2Fcr%40t@host/runs")
  assert kept == "mysql://m%40e@host:3306/runs"
  assert os.environ["MYSQL_PWD"] == "s/cr@t"


def test_without_password_the_environment_stays():
  assert metadata_url.keep_password("mysql://me@host/runs") == "mysql://me@host:3306/runs"
  assert os.environ["MYSQL_PWD"] == "of before"


@pytest.mark.parametrize(
  "text, said",
  [
    ("", "not the address of a MySQL"),
    ("metadata.sqlite", "not the address of a MySQL"),
    ("postgresql://me:s3cret@host/runs", "not the address of a MySQL"),
    ("mysql://host/runs", "not the address of a MySQL"),
    ("mysql://me:s3cret@/runs", "not the address of a MySQL"),
    ("mysql://me:s3cret@host/runs?ssl=1", "not the address of a MySQL"),
    ("mysql://me:s3cret@host", "names no database"),
    ("mysql://me:s3cret@host/", "names no database"),
    ("mysql://me:s3cret@host/ru-ns", "names no database"),
    ("mysql://me:s3cret@host/s3cret;", "names no database"),
    ("mysql://me:s3cret@host:99999/runs", "not the address"),
    ("mysql://me:s3cret/1@host/runs", "special characters"),
  ],
)
def test_what_is_refused_does_not_show(text, said):
  for read in (metadata_url.parse, metadata_url.keep_password):
    with pytest.raises(ValueError) as raised:
      read(text)
    assert "s3cret" not in str(raised.value)
    assert "\n" not in str(raised.value)
  assert said in str(raised.value)
  assert os.environ["MYSQL_PWD"] == "of before"
