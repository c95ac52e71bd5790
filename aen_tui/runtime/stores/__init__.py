"""MongoDB and Elasticsearch: whether they are there, and what they say, asked through their node's connection.

presence    is there one at all: configured, installed or listening
mongodb     asks a mongod: in a thread, one question after the other, what a lock cannot hold up first
search      asks Elasticsearch, by httpx
password    MongoDB's password, from a file or a person
last_words  why a mongod did not start, from the end of its log
watching    keeps what is known of both true
"""
