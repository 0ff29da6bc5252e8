"""What Python source does when it runs, as far as reading it tells: names, values, and what is reached.

A small abstract interpreter. It follows import aliases, assignments, loops over literal lists,
factories, attributes of ``self`` and calls across the files of a repository, and it leaves out
what cannot run: comments, strings, ``if False``, what follows a return, functions that nobody
uses. It never runs the code.
"""
