"""What an HTTP answer must be like: the closed vocabulary of the kind ``http``.

Each part of an expectation is a frozen dataclass, its fields the options in the checklist; its
``judge`` looks at one exchange and gives one outcome for each assertion.
"""
