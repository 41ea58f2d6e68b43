"""What the scripts share, and the tests of the programs.

programs    our programs, the environment that they run in, one run with a time limit
server      the reference endpoint and other servers of ours, started and ended
target      an HTTP server whose responses a test chooses; certificates
listener    a TCP server that gives each connection to a function
relay       a relay in front of a server that sees requests and responses
clients     the clients of the reference endpoint; profiles for it
reports     the reports of a run: names, reading, verdicts
spellings   the ways of writing a secret
testing     the base of all tests of programs, and their command line

A script in scripts/ imports them as `from lib import ...`; tests are beside each module.
"""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
