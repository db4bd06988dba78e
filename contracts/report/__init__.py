"""Reports: pure functions from a `Run` to text, and the one place that writes them to files.

`document` is the machine's report (report.json), `junit` the pipeline's, `console` what a person
reads first. All tell a failure in the words of `failure`, so that they can't disagree, and all
text that a target or a user's configuration had a hand in goes through `words.clean`.
"""
