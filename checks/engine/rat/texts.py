"""The public licence texts that Apache RAT looks for, as letters and digits only.

Punctuation, case, line breaks and comment signs do not count, so that a text is found however it
is wrapped: RAT calls this form pruned.
"""

import re

UTF16 = (b"\xff\xfe", b"\xfe\xff")  # the marks that such a text begins with
MAX_SIGNS = 50  # different ones outside ASCII that are taken out one by one

_NOT_ALNUM = re.compile(r"[\W_]+")
_KEPT = bytes(range(256)).lower()
_ASCII = bytes(range(128))
_DROPPED = bytes(code for code in range(128) if not chr(code).isalnum())


def prune(text: str) -> str:
    """Only the letters and digits of a text, those of ASCII in lower case.

    What is ASCII goes by table; then the few other signs that a text has are taken out.
    """
    pruned = text.encode("utf-8", "replace").translate(_KEPT, _DROPPED)
    if pruned.isascii():
        return pruned.decode("ascii")
    others = set(pruned.translate(None, _ASCII).decode("utf-8"))
    if len(others) > MAX_SIGNS:
        return _NOT_ALNUM.sub("", pruned.decode("utf-8"))
    kept = pruned.decode("utf-8")
    for sign in others:
        if not sign.isalnum():
            kept = kept.replace(sign, "")
    return kept


def decode(head: bytes) -> str:
    """The bytes of a text file as text: UTF-16 with its mark, UTF-8, else one letter a byte."""
    if head.startswith(UTF16):
        return head.decode("utf-16", "replace")
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > len(head) - 4:  # a letter cut in two by the end of the window
            return head[: error.start].decode("utf-8")
        return head.decode("latin-1")


AL20 = prune('Licensed under the Apache License, Version 2.0 (the "License")')
AL20_ASF = prune(
    "Licensed to the Apache Software Foundation (ASF) under one or more contributor license "
    "agreements; and to You under the Apache License, Version 2.0."
)
AL11 = prune("The Apache Software License, Version 1.1")

BSD3 = prune(
    "Redistribution and use in source and binary forms, with or without modification, are "
    "permitted provided that the following conditions are met: 1. Redistributions of source code "
    "must retain the above copyright notice, this list of conditions and the following disclaimer. "
    "2. Redistributions in binary form must reproduce the above copyright notice, this list of "
    "conditions and the following disclaimer in the documentation and/or other materials provided "
    "with the distribution. 3. Neither the name of the copyright holder nor the names of its "
    "contributors may be used to endorse or promote products derived from this software without "
    "specific prior written permission. THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND "
    'CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, '
    "THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE "
    "DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, "
    "INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT "
    "LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR "
    "BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, "
    "STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE "
    "USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE."
)
MIT = prune(
    "Permission is hereby granted, free of charge, to any person obtaining a copy of this software "
    'and associated documentation files (the "Software"), to deal in the Software without '
    "restriction, including without limitation the rights to use, copy, modify, merge, publish, "
    "distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the "
    "Software is furnished to do so, subject to the following conditions: The above copyright "
    "notice and this permission notice shall be included in all copies or substantial portions of "
    'the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR '
    "IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A "
    "PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS "
    "BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT "
    "OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER "
    "DEALINGS IN THE SOFTWARE."
)
_SUBJECT = (
    "The contents of this file are subject to the terms of the Common Development and Distribution "
    'License{} (the "License"). You may not use this file except in compliance with the License.'
)
CDDL1 = prune(_SUBJECT.format('("CDDL")'))
ILLUMOS = prune(_SUBJECT.format(""))
OASIS = prune(
    "This document and translations of it may be copied and furnished to others, and derivative "
    "works that comment on or otherwise explain it or assist in its implementation may be "
    "prepared, copied, published, and distributed"
)
_GPL = (
    "This program is free software; you can redistribute it and/or modify it under the terms of "
    "the GNU General Public License as published by the Free Software Foundation; either version "
    "{}, or (at your option) any later version."
)
GPL1 = prune(_GPL.format("1"))
GPL2 = prune(_GPL.format("2 of the License"))
GPL3 = prune(_GPL.format("3 of the License"))
TMF854 = prune("TMF854 Version 1.0")

# A file that says one of these was written by a program, and needs no licence of its own.
GENERATED = tuple(
    map(
        prune,
        (
            "Generated text no license required",
            "generated by Cayenne",
            "Generated By:JJTree",
            "Generated By:JavaCC",
            "THIS FILE IS AUTOMATICALLY GENERATED",
            "NOTE: this file is autogenerated by XBeans",
            "This file was automatically generated by",
            "# WARNING: DO NOT EDIT OR DELETE THIS WORKSPACE FILE!",
            "# Microsoft Developer Studio Generated NMAKE File",
            "# Microsoft Developer Studio Generated Build File",
            "Generated from configure.ac by autoheader",
            "generated automatically by aclocal",
            "build.xml generated by maven from project.xml",
            "This file was generated by",
            "This file has been automatically generated.",
            "Automatically generated - do not modify!",
            "Javadoc style sheet",
            "SOURCE FILE GENERATED",
            "Generated by the Batik",
            "this file is autogenerated",
            "This class was autogenerated",
            "Generated by Maven",
            "Autogenerated by Thrift",
            "DO NOT EDIT THIS FILE - it is machine generated",
            "This class was generated by",
            "Generated by javadoc",
        ),
    )
)
# Those that lack the word.
GENERATED_ODDLY = tuple(mark for mark in GENERATED if "generated" not in mark)
