"""Who may do what: every rule, method, principal and object, asserted cell by cell.

The table is the oracle. It is written by hand from what the service promises, never from ``mesotrain.core.access``.
A rule that is not in it fails here, and so does an entry for a rule that is gone.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from flask import Blueprint, Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mesotrain.actions import courses, holds, people, privacy, programs, reports
from mesotrain.core.access import Actor
from mesotrain.core.courses import Course as Text
from mesotrain.core.errors import NotFound
from mesotrain.core.holds import RIGHT
from mesotrain.core.observations import DONE
from mesotrain.core.questions import option_id
from mesotrain.formats.courses import read_course
from mesotrain.store.accounts import Guess
from mesotrain.store.attempts import Attempt
from mesotrain.store.courses import Course, Module, Publication, Question, QuestionVersion
from mesotrain.store.db import Base
from mesotrain.store.drafts import Draft
from mesotrain.store.events import Said, record
from mesotrain.store.folders import read_folder
from mesotrain.store.logbook import Case, Signature, SignatureRequest
from mesotrain.store.observations import Observation, ObservationDraft
from mesotrain.store.outbox import WAITING, Mail
from mesotrain.store.outsiders import Outsider
from mesotrain.store.people import Clinic, Member, Person
from mesotrain.store.proposals import Proposal
from mesotrain.store.reports import Report
from mesotrain.web import gate, keys
from mesotrain.web.brought import Carried
from tests.actions.clearing import WATCHED
from tests.actions.drafting import kept_by, take
from tests.actions.essays import ONE_OF_THEM, publish, write
from tests.actions.proving import mail
from tests.web.leaks import leaking
from tests.world import CAST, PASSWORD, TEXTS, Engine, World, tiny_course

PRINCIPALS = (
    "nobody", "gone", "trainee", "colleague", "elsewhere", "manager", "educator", "other_manager", "other_trainee",
    "auditor", "administrator", "asleep",
)  # fmt: skip
"""The columns. `gone` was a trainee of the same clinic, is still signed in, and belongs to it no more; `auditor` audits
the clinic of `manager`, and `asleep` is a manager of it who signed in without a second factor."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

TABLE = """
/static/<filename>                              GET   ok
    style.css                   yes yes  yes yes yes  yes yes  yes yes  yes yes yes
    missing.css                 --  --   --  --  --   --  --   --  --   --  --  --

/healthz                                        GET   ok
    any                         yes yes  yes yes yes  yes yes  yes yes  yes yes yes

/sign-in                                        GET   ok
    any                         yes go   go  go  go   go  go   go  go   go  go  go

/sign-in                                        POST  go
    right                       yes yes  yes yes yes  yes yes  yes yes  yes yes yes
    wrong                       422 422  422 422 422  422 422  422 422  422 422 422
    missing                     422 422  422 422 422  422 422  422 422  422 422 422

/sign-out                                       POST  in
/account                                        GET   ok
/account                                        POST  go
/account/calendar                               POST  go
/account/calendar/end                           POST  go
/record                                         GET   ok
/record/certificates                            GET   ok
/record/clearance                               GET   ok
/record/logbook                                 GET   ok
/record.json                                    GET   ok
/record/erase                                   POST  409
/account/sign-out-everywhere                    POST  go
/account/confirm                                GET   ok
/account/confirm                                POST  422
/account/confirm/passkey                        POST  409
/account/password                               GET   ok
/account/password                               POST  422
/account/email                                  GET   ok
/account/email                                  POST  422
/account/second-factor                          GET   ok
/account/second-factor/app                      GET   ok
/account/second-factor/app                      POST  go
/account/second-factor/passkey/options          POST  ok
/account/second-factor/passkey                  POST  409
/account/second-factor/codes                    POST  409
    any                         in  yes  yes yes yes  yes yes  yes yes  yes yes yes

/account/second-factor/<id:number>/remove       POST  409
    missing                     in  --   --  --  --   --  --   --  --   --  --  --

/components                                     GET   ok
    any                         in  yes  yes yes yes  yes yes  yes yes  yes yes yes

/                                               GET   ok
    any                         in  go   yes yes yes  yes yes  yes yes  yes yes up

/forgotten                                      GET   ok
/forgotten                                      POST  ok
/sign-in/passkey/options                        POST  ok
/sign-in/second                                 GET   go
/sign-in/second                                 POST  in
/sign-in/passkey                                POST  409
    any                         yes yes  yes yes yes  yes yes  yes yes  yes yes yes

/choose-password/<token>                        GET   410
/choose-password/<token>                        POST  410
/take-address/<token>                           GET   410
/take-address/<token>                           POST  410
/join/<token>                                   GET   410
/join/<token>                                   POST  410
    missing                     yes yes  yes yes yes  yes yes  yes yes  yes yes yes

/account/organisation                           POST  go
    Harbour                     in  --   yes yes yes  yes yes  --  --   yes yes yes
    Northlight                  in  --   --  --  --   --  --   yes yes  --  --  --
    missing                     in  --   --  --  --   --  --   --  --   --  --  --

/search                                         GET   ok
    any                         in  no   yes yes yes  yes yes  yes yes  yes yes up
    ?q=matters                  in  no   yes yes yes  yes yes  yes yes  yes yes up

/courses/<course>                               GET   ok
    tiny                        in  no   yes yes yes  yes yes  yes yes  yes yes up
    harbour                     in  no   yes yes yes  yes yes  --  --   yes yes up
    northlight                  in  no   --  --  --   --  --   yes yes  --  --  up
    missing                     in  no   --  --  --   --  --   --  --   --  --  up

/courses/<course>/sections/<section>            GET   go
    tiny/matters                in  no   yes yes yes  yes yes  yes yes  yes yes up
    harbour/matters             in  no   yes yes yes  yes yes  --  --   yes yes up
    northlight/matters          in  no   --  --  --   --  --   yes yes  --  --  up
    tiny/missing                in  no   --  --  --   --  --   --  --   --  --  up
    missing/matters             in  no   --  --  --   --  --   --  --   --  --  up

/courses/<course>/<module>/place                POST  204
    tiny/basics                 in  no   yes yes yes  yes yes  yes yes  yes yes up
    harbour/rounds              in  no   yes yes yes  yes yes  --  --   yes yes up
    northlight/rounds           in  no   --  --  --   --  --   yes yes  --  --  up
    tiny/rounds                 in  no   --  --  --   --  --   --  --   --  --  up
    missing/basics              in  no   --  --  --   --  --   --  --   --  --  up

/courses/<course>/<module>/sections/<section>/read  POST  go
/courses/<course>/<module>/sections/<section>/note  POST  go
    tiny/basics/matters         in  no   yes yes yes  yes yes  yes yes  yes yes up
    harbour/rounds/matters      in  no   yes yes yes  yes yes  --  --   yes yes up
    northlight/rounds/matters   in  no   --  --  --   --  --   yes yes  --  --  up
    tiny/rounds/matters         in  no   --  --  --   --  --   --  --   --  --  up
    tiny/basics/missing         in  no   --  --  --   --  --   --  --   --  --  up
    missing/basics/matters      in  no   --  --  --   --  --   --  --   --  --  up

/courses/<course>/<module>/checks/<id:number>   GET   ok
    tiny/basics/1               in  no   yes yes yes  yes yes  yes yes  yes yes up
    harbour/rounds/1            in  no   yes yes yes  yes yes  --  --   yes yes up
    northlight/rounds/1         in  no   --  --  --   --  --   yes yes  --  --  up
    tiny/basics/0               in  no   --  --  --   --  --   --  --   --  --  up
    tiny/basics/missing         in  no   --  --  --   --  --   --  --   --  --  up
    missing/basics/1            in  no   --  --  --   --  --   --  --   --  --  up

/practice                                       GET   ok
    any                         in  no   yes yes yes  no  no   no  yes  no  no  up

/practice                                       POST  go
    tiny-q0005                  in  no   yes yes yes  no  no   no  yes  no  no  up
    harbour-q0005               in  no   yes yes yes  no  no   no  --   no  no  up
    northlight-q0005            in  no   --  --  --   no  no   no  yes  no  no  up
    harbour-q0001               in  no   --  --  --   no  no   no  --   no  no  up
    missing                     in  no   --  --  --   no  no   no  --   no  no  up

/practice/<id:log_id>                          GET   ok
    trainee-log                 in  no   yes --  --   no  no   no  --   no  no  up
    colleague-log               in  no   --  yes --   no  no   no  --   no  no  up
    other_trainee-log           in  no   --  --  --   no  no   no  yes  no  no  up
    gone-log                    in  no   --  --  --   no  no   no  --   no  no  up
    missing                     in  no   --  --  --   no  no   no  --   no  no  up

/drafts                                         GET   ok
    any                         in  no   no  no  no   no  yes  no  no   no  no  up

/drafts/<id:draft_id>                          GET   ok
/drafts/<id:draft_id>                          POST  go
/drafts/<id:draft_id>/discard                  POST  go
    tiny-draft                  in  no   no  no  no   no  yes  no  no   no  no  up
    harbour-draft               in  no   no  no  no   no  yes  no  no   no  no  up
    northlight-draft            in  no   no  no  no   no  --   no  no   no  no  up
    missing                     in  no   no  no  no   no  --   no  no   no  no  up

/drafts/<id:draft_id>/agree                    POST  409
    tiny-draft                  in  no   no  no  no   no  yes  no  no   no  no  up
    northlight-draft            in  no   no  no  no   no  --   no  no   no  no  up
    missing                     in  no   no  no  no   no  --   no  no   no  no  up

/courses/<course>/<module>                      GET   ok
    tiny/basics                 in  no   yes yes yes  yes yes  yes yes  yes yes up
    harbour/rounds              in  no   yes yes yes  yes yes  --  --   yes yes up
    northlight/rounds           in  no   --  --  --   --  --   yes yes  --  --  up
    tiny/rounds                 in  no   --  --  --   --  --   --  --   --  --  up
    harbour/basics              in  no   --  --  --   --  --   --  --   --  --  up
    tiny/missing                in  no   --  --  --   --  --   --  --   --  --  up
    missing/basics              in  no   --  --  --   --  --   --  --   --  --  up

/media/<digest>.<ending>                        GET   ok
    tiny-figure/svg             in  no   yes yes yes  yes yes  yes yes  yes yes up
    harbour-figure/svg          in  no   yes yes yes  yes yes  --  --   yes yes up
    northlight-figure/svg       in  no   --  --  --   --  --   yes yes  --  --  up
    tiny-figure/png             in  no   --  --  --   --  --   --  --   --  --  up
    missing/svg                 in  no   --  --  --   --  --   --  --   --  --  up

/courses/<course>/<module>/attempts             POST  go
    tiny/basics                 in  no   yes yes yes  no  no   no  yes  no  no  up
    harbour/rounds              in  no   yes yes yes  no  no   no  --   no  no  up
    northlight/rounds           in  no   --  --  --   no  no   no  yes  no  no  up
    tiny/rounds                 in  no   --  --  --   no  no   no  --   no  no  up
    harbour/basics              in  no   --  --  --   no  no   no  --   no  no  up
    tiny/missing                in  no   --  --  --   no  no   no  --   no  no  up
    missing/basics              in  no   --  --  --   no  no   no  --   no  no  up

/attempts/<id:attempt_id>                      GET   ok
/attempts/<id:attempt_id>/answers              POST  go
/attempts/<id:attempt_id>/finish               GET   ok
/attempts/<id:attempt_id>/finish               POST  go
/attempts/<id:attempt_id>/continue             POST  go
/attempts/<id:attempt_id>/proof                GET   ok
/attempts/<id:attempt_id>/pulse                POST  ok
/attempts/<id:attempt_id>/result               GET   go
    trainee's                   in  no   yes --  --   no  no   no  --   no  no  up
    colleague's                 in  no   --  yes --   no  no   no  --   no  no  up
    elsewhere's                 in  no   --  --  yes  no  no   no  --   no  no  up
    other_trainee's             in  no   --  --  --   no  no   no  yes  no  no  up
    gone's                      in  no   --  --  --   no  no   no  --   no  no  up
    missing                     in  no   --  --  --   no  no   no  --   no  no  up

/attempts/<id:attempt_id>                      GET   go
/attempts/<id:attempt_id>/answers              POST  410
/attempts/<id:attempt_id>/finish               GET   go
/attempts/<id:attempt_id>/finish               POST  go
/attempts/<id:attempt_id>/continue             POST  410
/attempts/<id:attempt_id>/proof                GET   ok
/attempts/<id:attempt_id>/pulse                POST  ok
/attempts/<id:attempt_id>/result               GET   ok
    trainee's-ended             in  no   yes --  --   no  no   no  --   no  no  up
    colleague's-ended           in  no   --  yes --   no  no   no  --   no  no  up
    elsewhere's-ended           in  no   --  --  yes  no  no   no  --   no  no  up
    other_trainee's-ended       in  no   --  --  --   no  no   no  yes  no  no  up
    gone's-ended                in  no   --  --  --   no  no   no  --   no  no  up

/attempts/<id:attempt_id>/answers/<id:position>  PUT  ok
    trainee's/1                 in  no   yes --  --   no  no   no  --   no  no  up
    colleague's/1               in  no   --  yes --   no  no   no  --   no  no  up
    elsewhere's/1               in  no   --  --  yes  no  no   no  --   no  no  up
    other_trainee's/1           in  no   --  --  --   no  no   no  yes  no  no  up
    gone's/1                    in  no   --  --  --   no  no   no  --   no  no  up
    missing/1                   in  no   --  --  --   no  no   no  --   no  no  up
    trainee's/0                 in  no   --  --  --   no  no   no  --   no  no  up
    trainee's/5                 in  no   --  --  --   no  no   no  --   no  no  up
    other_trainee's/5           in  no   --  --  --   no  no   no  --   no  no  up

/attempts/<id:attempt_id>/answers/<id:position>  PUT  410
    trainee's-ended/1           in  no   yes --  --   no  no   no  --   no  no  up
    colleague's-ended/1         in  no   --  yes --   no  no   no  --   no  no  up
    elsewhere's-ended/1         in  no   --  --  yes  no  no   no  --   no  no  up
    other_trainee's-ended/1     in  no   --  --  --   no  no   no  yes  no  no  up
    gone's-ended/1              in  no   --  --  --   no  no   no  --   no  no  up

/team                                           GET   ok
    any                         in  no   no  no  no   yes no   yes no   yes no  up
    ?clinic=Quay                in  no   no  no  no   yes no   yes no   yes no  up
    ?clinic=Mill                in  no   no  no  no   yes no   yes no   yes no  up
    ?clinic=Cork                in  no   no  no  no   yes no   yes no   yes no  up
    ?clinic=missing             in  no   no  no  no   yes no   yes no   yes no  up

/team.<kind>                                    GET   ok
    csv                         in  no   no  no  no   yes no   yes no   yes no  up
    xlsx                        in  no   no  no  no   yes no   yes no   yes no  up
    missing                     in  no   no  no  no   --  no   --  no   --  no  up

/team/assignments                               GET   ok
    any                         in  no   no  no  no   yes no   yes no   yes no  up
    ?clinic=Quay                in  no   no  no  no   yes no   yes no   yes no  up
    ?clinic=Mill                in  no   no  no  no   yes no   yes no   yes no  up
    ?clinic=Cork                in  no   no  no  no   yes no   yes no   yes no  up
    ?clinic=missing             in  no   no  no  no   yes no   yes no   yes no  up

/team/assign                                    GET   ok
    any                         in  no   no  no  no   yes no   yes no   no  no  up
    ?clinic=Quay                in  no   no  no  no   yes no   yes no   no  no  up
    ?clinic=Cork                in  no   no  no  no   yes no   yes no   no  no  up
    ?clinic=missing             in  no   no  no  no   yes no   yes no   no  no  up

/team/assign/confirm                            GET   422
/team/assign/confirm                            POST  422
    any                         in  no   no  no  no   yes no   yes no   no  no  up
    ?clinic=Quay                in  no   no  no  no   yes no   yes no   no  no  up
    ?course=tiny                in  no   no  no  no   yes no   yes no   no  no  up

/team/assign/confirm                            GET   --
/team/assign/confirm                            POST  --
    ?due=2032-01-01             in  no   no  no  no   --  no   --  no   no  no  up

/team/<id:person>/courses                       GET   ok
    @trainee                    in  no   no  no  no   yes no   --  no   no  no  up
    @elsewhere                  in  no   no  no  no   --  no   --  no   no  no  up
    @other_trainee              in  no   no  no  no   --  no   yes no   no  no  up
    missing                     in  no   no  no  no   --  no   --  no   no  no  up

/team/<id:person>/adjustments                   GET   ok
/team/<id:person>/adjustments                   POST  go
    @trainee                    in  no   no  no  no   yes no   --  no   no  no  up
    @elsewhere                  in  no   no  no  no   --  no   --  no   no  no  up
    @manager                    in  no   no  no  no   --  no   --  no   no  no  up
    @other_trainee              in  no   no  no  no   --  no   yes no   no  no  up
    missing                     in  no   no  no  no   --  no   --  no   no  no  up

/invigilation                                   GET   ok
    any                         in  no   no  no  no   yes no   yes no   no  no  up

/invigilation/<id:module_id>                    GET   ok
    harbour-exam                in  no   no  no  no   yes no   --  no   no  no  up
    northlight-exam             in  no   no  no  no   --  no   yes no   no  no  up
    missing                     in  no   no  no  no   --  no   --  no   no  no  up

/invigilation/<id:module_id>/<kind>             POST  go
    harbour-exam/pause          in  no   no  no  no   yes no   --  no   no  no  up
    northlight-exam/pause       in  no   no  no  no   --  no   yes no   no  no  up
    harbour-exam/missing        in  no   no  no  no   --  no   --  no   no  no  up
    missing/resume              in  no   no  no  no   --  no   --  no   no  no  up

/invigilation/attempts/<id:attempt_id>          GET   ok
    trainee's-exam              in  no   no  no  no   yes no   --  no   no  no  up
    elsewhere's-exam            in  no   no  no  no   --  no   --  no   no  no  up
    other_trainee's-exam        in  no   no  no  no   --  no   yes no   no  no  up
    colleague's                 in  no   no  no  no   --  no   --  no   no  no  up
    missing                     in  no   no  no  no   --  no   --  no   no  no  up

/invigilation/attempts/<id:attempt_id>/<kind>   POST  go
    trainee's-exam/extend       in  no   no  no  no   yes no   --  no   no  no  up
    elsewhere's-exam/extend     in  no   no  no  no   --  no   --  no   no  no  up
    other_trainee's-exam/extend in  no   no  no  no   --  no   yes no   no  no  up
    colleague's/extend          in  no   no  no  no   --  no   --  no   no  no  up
    trainee's-exam/missing      in  no   no  no  no   --  no   --  no   no  no  up
    missing/extend              in  no   no  no  no   --  no   --  no   no  no  up

/team/<id:person>/clearance                     GET   ok
    @trainee                    in  no   no  no  no   yes no   --  no   yes no  up
    @elsewhere                  in  no   no  no  no   --  no   --  no   --  no  up
    @manager                    in  no   no  no  no   --  no   --  no   --  no  up
    @other_trainee              in  no   no  no  no   --  no   yes no   --  no  up
    missing                     in  no   no  no  no   --  no   --  no   --  no  up

/team/<id:person>/clearance/document            POST  422
/team/<id:person>/clearance/learnt              POST  422
/team/<id:person>/clearance/stop                POST  422
/team/<id:person>/clearance/go-on               POST  422
/team/<id:person>/clearance/supervise           POST  422
    @trainee                    in  no   no  no  no   yes no   --  no   no  no  up
    @elsewhere                  in  no   no  no  no   --  no   --  no   no  no  up
    @manager                    in  no   no  no  no   --  no   --  no   no  no  up
    @other_trainee              in  no   no  no  no   --  no   yes no   no  no  up
    missing                     in  no   no  no  no   --  no   --  no   no  no  up

/team/<id:person>/clearance/<id:number>/retract POST  go
    @trainee/missing            in  no   no  no  no   --  no   --  no   no  no  up
    missing/missing             in  no   no  no  no   --  no   --  no   no  no  up

/team/<id:person>/certificates                  GET   ok
    @trainee                    in  no   no  no  no   yes no   --  no   yes no  up
    @elsewhere                  in  no   no  no  no   --  no   --  no   --  no  up
    @manager                    in  no   no  no  no   --  no   --  no   --  no  up
    @other_trainee              in  no   no  no  no   --  no   yes no   --  no  up
    missing                     in  no   no  no  no   --  no   --  no   --  no  up

/team/<id:person>/certificates/<id:course>/<name>/sheet  GET   ok
    @trainee/missing/card       in  no   no  no  no   --  no   --  no   --  no  up

/team/<id:person>/certificates/suspend          POST  422
/team/<id:person>/certificates/revoke           POST  422
/team/<id:person>/certificates/lend             POST  422
    @trainee                    in  no   no  no  no   --  no   --  no   no  no  up
    @elsewhere                  in  no   no  no  no   --  no   --  no   no  no  up
    @manager                    in  no   no  no  no   --  no   --  no   no  no  up
    @other_trainee              in  no   no  no  no   --  no   --  no   no  no  up
    missing                     in  no   no  no  no   --  no   --  no   no  no  up

/proposals/<id:number>                          GET   ok
/proposals/<id:number>                          POST  422
    quay-proposal               in  no   no  no  no   yes no   --  no   no  no  up
    cork-proposal               in  no   no  no  no   --  no   yes no   no  no  up
    missing                     in  no   no  no  no   --  no   --  no   no  no  up

/proposals/<id:number>/outsider                 POST  422
    quay-proposal               in  no   no  no  no   yes no   --  no   no  no  up
    cork-proposal               in  no   no  no  no   --  no   yes no   no  no  up
    missing                     in  no   no  no  no   --  no   --  no   no  no  up

/second/<token>                                 GET   ok
/second/<token>                                 POST  422
    quay-second                 yes yes  yes yes yes  yes yes  yes yes  yes yes yes
    missing                     --  --   --  --  --   --  --   --  --   --  --  --

/proposals/<id:number>/withdraw                 POST  410
    quay-proposal               in  no   no  no  no   yes no   --  no   no  no  up
    cork-proposal               in  no   no  no  no   --  no   yes no   no  no  up
    missing                     in  no   no  no  no   --  no   --  no   no  no  up

/team/<id:person>/certificates/<id:number>/lift POST  go
    @trainee/missing            in  no   no  no  no   --  no   --  no   no  no  up
    missing/missing             in  no   no  no  no   --  no   --  no   no  no  up

/record/certificates/<id:course>/<name>/sheet   GET   ok
    missing/card                in  --   --  --  --   --  --   --  --   --  --  --

/record/logbook/new                             GET   ok
/observations                                   GET   ok
/observations/new                               GET   ok
/supervision                                    GET   ok
/supervision                                    POST  422
    any                         in  no   yes yes yes  no  no   no  yes  no  no  up

/record/logbook/new                             POST  go
    missing                     in  no   --  --  --   no  no   no  --   no  no  up

/record/logbook/<id:case>/ask                   POST  go
    nia-case                    in  no   --  --  --   no  no   no  --   no  no  up
    missing                     in  no   --  --  --   no  no   no  --   no  no  up

/record/logbook/requests/<id:request_id>/take-back  POST  go
    nia-request                 in  no   --  --  --   no  no   no  --   no  no  up
    signed-request              in  no   --  --  --   no  no   no  --   no  no  up
    missing                     in  no   --  --  --   no  no   no  --   no  no  up

/supervision/<id:request_id>                    GET   ok
    nia-request                 in  no   --  --  yes  no  no   no  --   no  no  up
    signed-request              in  no   --  --  yes  no  no   no  --   no  no  up
    missing                     in  no   --  --  --   no  no   no  --   no  no  up

/supervision/<id:request_id>                    POST  422
    nia-request                 in  no   --  --  yes  no  no   no  --   no  no  up
    missing                     in  no   --  --  --   no  no   no  --   no  no  up

/supervision/<id:request_id>/withdraw           POST  422
    signed-request              in  no   --  --  yes  no  no   no  --   no  no  up
    missing                     in  no   --  --  --   no  no   no  --   no  no  up

/observations/new                               POST  go
    missing                     in  no   --  --  --   no  no   no  --   no  no  up

/observations/drafts/<key>                      GET   ok
/observations/drafts/<key>                      POST  go
/observations/drafts/<key>/sign                 GET   ok
/observations/drafts/<key>/sign                 POST  422
    nia-form                    in  no   --  --  yes  no  no   no  --   no  no  up
    missing                     in  no   --  --  --   no  no   no  --   no  no  up

/observations/drafts/<key>/parts/<id:part>      PUT   ok
    nia-form/1                  in  no   410 410 yes  no  no   no  410  no  no  up
    missing/1                   in  no   410 410 410  no  no   no  410  no  no  up

/observations/drafts/<key>/discard              POST  go
    nia-last                    in  no   --  --  yes  no  no   no  --   no  no  up
    missing                     in  no   --  --  --   no  no   no  --   no  no  up

/observations/<id:observation>/withdraw         POST  422
    nia-observation             in  no   --  --  yes  no  no   no  --   no  no  up
    missing                     in  no   --  --  --   no  no   no  --   no  no  up

/sign/<token>                                   GET   ok
    nia-token                   yes yes  yes yes yes  yes yes  yes yes  yes yes yes
    missing                     --  --   --  --  --   --  --   --  --   --  --  --

/sign/<token>                                   POST  422
    nia-token                   yes yes  yes yes yes  yes yes  yes yes  yes yes yes
    missing                     --  --   --  --  --   --  --   --  --   --  --  --

/team/<id:person>/logbook                       GET   ok
    @trainee                    in  no   no  no  no   yes no   --  no   yes no  up
    @elsewhere                  in  no   no  no  no   --  no   --  no   --  no  up
    @manager                    in  no   no  no  no   --  no   --  no   --  no  up
    @other_trainee              in  no   no  no  no   --  no   yes no   --  no  up
    missing                     in  no   no  no  no   --  no   --  no   --  no  up

/team/statuses                                  GET   ok
/clearance                                      GET   ok
    any                         in  no   no  no  no   yes no   yes no   yes no  up

/clearance/<id:clinic>                          GET   ok
    Quay                        in  no   no  no  no   yes no   --  no   yes no  up
    Mill                        in  no   no  no  no   --  no   --  no   --  no  up
    Cork                        in  no   no  no  no   --  no   yes no   --  no  up
    missing                     in  no   no  no  no   --  no   --  no   --  no  up

/clearance/<id:clinic>/people                   GET   ok
    Quay                        in  no   no  no  no   yes no   --  no   yes no  up
    Mill                        in  no   no  no  no   --  no   --  no   --  no  up
    Cork                        in  no   no  no  no   --  no   yes no   --  no  up
    missing                     in  no   no  no  no   --  no   --  no   --  no  up

/clearance/<id:clinic>/changes                  GET   ok
    Quay                        in  no   no  no  no   yes no   --  no   yes no  up
    Mill                        in  no   no  no  no   --  no   --  no   --  no  up
    Cork                        in  no   no  no  no   --  no   yes no   --  no  up
    missing                     in  no   no  no  no   --  no   --  no   --  no  up

/clearance/<id:clinic>/use                      POST  422
    Quay                        in  no   no  no  no   yes no   --  no   no  no  up
    Mill                        in  no   no  no  no   --  no   --  no   no  no  up
    Cork                        in  no   no  no  no   --  no   yes no   no  no  up
    missing                     in  no   no  no  no   --  no   --  no   no  no  up

/clearance/<id:clinic>/offer                    POST  go
/clearance/<id:clinic>/stop                     POST  go
    Quay                        in  no   no  no  no   --  no   --  no   no  no  up
    Cork                        in  no   no  no  no   --  no   --  no   no  no  up
    missing                     in  no   no  no  no   --  no   --  no   no  no  up

/stops                                          GET   ok
    any                         in  no   yes yes yes  yes yes  yes yes  yes yes up

/stops/product                                  POST  422
    any                         in  no   no  no  no   yes no   yes no   no  no  up

/stops/procedure                                POST  422
    any                         in  no   no  no  no   --  no   --  no   no  no  up

/stops/<id:number>                              GET   ok
/stops/<id:number>/acknowledge                  POST  go
    missing                     in  no   --  --  --   --  --   --  --   --  --  up

/stops/<id:number>/lift                         POST  422
    missing                     in  no   no  no  no   --  no   --  no   no  no  up

/clearance/<id:clinic>/<id:number>/retract      POST  go
    Quay/missing                in  no   no  no  no   --  no   --  no   no  no  up
    missing/missing             in  no   no  no  no   --  no   --  no   no  no  up

/team/<id:person>/courses                       POST  422
    @trainee                    in  no   no  no  no   yes no   --  no   no  no  up
    @elsewhere                  in  no   no  no  no   --  no   --  no   no  no  up
    @other_trainee              in  no   no  no  no   --  no   yes no   no  no  up
    missing                     in  no   no  no  no   --  no   --  no   no  no  up

/team/<id:person>/courses/<id:number>/withdraw  POST  go
    @trainee/missing            in  no   no  no  no   --  no   --  no   no  no  up
    missing/missing             in  no   no  no  no   --  no   --  no   no  no  up

/team/<id:person_id>                           GET   ok
    @trainee                    in  no   no  no  no   yes no   --  no   yes no  up
    @colleague                  in  no   no  no  no   yes no   --  no   yes no  up
    @elsewhere                  in  no   no  no  no   --  no   --  no   --  no  up
    @gone                       in  no   no  no  no   --  no   --  no   --  no  up
    @manager                    in  no   no  no  no   --  no   --  no   --  no  up
    @educator                   in  no   no  no  no   --  no   --  no   --  no  up
    @other_manager              in  no   no  no  no   --  no   --  no   --  no  up
    @other_trainee              in  no   no  no  no   --  no   yes no   --  no  up
    missing                     in  no   no  no  no   --  no   --  no   --  no  up

/questions                                      GET   ok
    any                         in  no   no  no  no   no  yes  no  no   no  no  up

/bring                                GET   ok
/bring                                POST  ok
/bring/file                           POST  ok
    any                         in  no   no  no  no   no  yes  no  no   no  no  up

/bring/draft                          POST  go
    tiny-into                   in  no   no  no  no   no  yes  no  no   no  no  up
    harbour-into                in  no   no  no  no   no  yes  no  no   no  no  up
    northlight-into             in  no   no  no  no   no  --   no  no   no  no  up
    missing                     in  no   no  no  no   no  --   no  no   no  no  up

/questions/<course>/<module>/out                GET   ok
    tiny/basics                 in  no   no  no  no   no  yes  no  no   no  no  up
    harbour/rounds              in  no   no  no  no   no  yes  no  no   no  no  up
    northlight/rounds           in  no   no  no  no   no  --   no  no   no  no  up
    tiny/missing                in  no   no  no  no   no  --   no  no   no  no  up

/questions/<course>/<module>/out/<kind>         GET   ok
    tiny/basics/bank            in  no   no  no  no   no  yes  no  no   no  no  up
    harbour/rounds/gift         in  no   no  no  no   no  yes  no  no   no  no  up
    northlight/rounds/bank      in  no   no  no  no   no  --   no  no   no  no  up
    tiny/basics/missing         in  no   no  no  no   no  --   no  no   no  no  up

/questions/<course>/<name>                      GET   ok
    tiny/bas-0001               in  no   no  no  no   no  yes  no  no   no  no  up
    harbour/hbr-0001            in  no   no  no  no   no  yes  no  no   no  no  up
    northlight/nor-0001         in  no   no  no  no   no  --   no  no   no  no  up
    tiny/hbr-0001               in  no   no  no  no   no  --   no  no   no  no  up
    harbour/nor-0001            in  no   no  no  no   no  --   no  no   no  no  up
    tiny/missing                in  no   no  no  no   no  --   no  no   no  no  up
    missing/bas-0001            in  no   no  no  no   no  --   no  no   no  no  up

/questions/<course>/<name>/hold                 POST  go
    tiny/bas-0004               in  no   no  no  no   no  yes  no  no   no  no  up
    harbour/hbr-0004            in  no   no  no  no   no  yes  no  no   no  no  up
    northlight/nor-0004         in  no   no  no  no   no  --   no  no   no  no  up
    tiny/missing                in  no   no  no  no   no  --   no  no   no  no  up
    missing/bas-0004            in  no   no  no  no   no  --   no  no   no  no  up

/reports                                        GET   ok
    any                         in  no   no  no  no   no  yes  no  no   no  no  up

/reports/<id:report_id>                         POST  422
    harbour-report              in  no   no  no  no   no  yes  no  no   no  no  up
    northlight-report           in  no   no  no  no   no  --   no  no   no  no  up
    missing                     in  no   no  no  no   no  --   no  no   no  no  up

/attempts/<id:attempt_id>/appeal                POST  go
    trainee's-ended             in  no   yes --  --   no  no   no  --   no  no  up
    colleague's-ended           in  no   --  yes --   no  no   no  --   no  no  up
    other_trainee's-ended       in  no   --  --  --   no  no   no  yes  no  no  up
    gone's-ended                in  no   --  --  --   no  no   no  --   no  no  up
    missing                     in  no   --  --  --   no  no   no  --   no  no  up

/holds/<id:hold_id>                             GET   ok
    harbour-hold                in  no   no  no  no   no  yes  no  no   no  no  up
    northlight-hold             in  no   no  no  no   no  --   no  no   no  no  up
    missing                     in  no   no  no  no   no  --   no  no   no  no  up

/holds/<id:hold_id>/lift                        POST  422
    harbour-hold                in  no   no  no  no   no  yes  no  no   no  no  up
    northlight-hold             in  no   no  no  no   no  --   no  no   no  no  up
    missing                     in  no   no  no  no   no  --   no  no   no  no  up

/marking                                        GET   ok
/marking/agreement                              GET   ok
    any                         in  no   no  no  no   no  yes  no  no   no  no  up

/marking/<id:attempt_id>/<id:position>          GET   ok
/marking/<id:attempt_id>/<id:position>          POST  422
    harbour-essay/harbour-place  in  no   no  no  no   no  yes  no  no   no  no  up
    northlight-essay/northlight-place  in  no   no  no  no   no  --  no  no   no  no  up
    harbour-essay/missing       in  no   no  no  no   no  --   no  no   no  no  up
    trainee's-ended/1           in  no   no  no  no   no  --   no  no   no  no  up
    missing/harbour-place       in  no   no  no  no   no  --   no  no   no  no  up

/demo                                           GET   ok
    any                         --  --   --  --  --   --  --   --  --   --  --  --

/calendar/<token>.ics                           GET   ok
    missing                     --  --   --  --  --   --  --   --  --   --  --  --

/people/programs                                GET   ok
/people/programs                                POST  ok
    any                         in  no   no  no  no   no  no   no  no   no  yes up

/people/programs/<id:number>/end                POST  go
    harbour-key                 in  no   no  no  no   no  no   no  no   no  yes up
    northlight-key              in  no   no  no  no   no  no   no  no   no  --  up
    missing                     in  no   no  no  no   no  no   no  no   no  --  up

/api/v1/clearance                               GET   in
    any                         yes yes  yes yes yes  yes yes  yes yes  yes yes yes

/api/v1/keys                                    GET   ok
/api/v1/openapi.json                            GET   ok
    any                         yes yes  yes yes yes  yes yes  yes yes  yes yes yes

/clinics                                        GET   ok
/clinics                                        POST  go
    any                         in  no   no  no  no   no  no   no  no   no  yes up

/clinics/<id:number>                            GET   ok
/clinics/<id:number>                            POST  go
    Mill                        in  no   no  no  no   no  no   no  no   no  yes up
    Cork                        in  no   no  no  no   no  no   no  no   no  --  up
    missing                     in  no   no  no  no   no  no   no  no   no  --  up

/people                                         GET   ok
/people/invite                                  GET   ok
/people/invite                                  POST  go
/people/import                                  GET   ok
/people/import                                  POST  ok
/people/import/invite                           POST  go
    any                         in  no   no  no  no   no  no   no  no   no  yes up

/people/left                                    GET   ok
    any                         in  no   no  no  no   no  no   no  no   no  yes up

/people/<id:person>/record                      GET   ok
/people/<id:person>/record/copy                 POST  ok
    @trainee                    in  no   no  no  no   no  no   no  no   no  yes up
    @gone                       in  no   no  no  no   no  no   no  no   no  yes up
    @other_trainee              in  no   no  no  no   no  no   no  no   no  --  up
    missing                     in  no   no  no  no   no  no   no  no   no  --  up

/people/<id:person>/record/hold                 POST  422
    @gone                       in  no   no  no  no   no  no   no  no   no  yes up
    @other_trainee              in  no   no  no  no   no  no   no  no   no  --  up
    missing                     in  no   no  no  no   no  no   no  no   no  --  up

/people/<id:person>/record/lift                 POST  409
/people/<id:person>/record/erase                POST  409
    @trainee                    in  no   no  no  no   no  no   no  no   no  yes up
    @other_trainee              in  no   no  no  no   no  no   no  no   no  --  up
    missing                     in  no   no  no  no   no  no   no  no   no  --  up

/people/<id:person>/merge                       GET   ok
    @trainee                    in  no   no  no  no   no  no   no  no   no  yes up
    @gone                       in  no   no  no  no   no  no   no  no   no  --  up
    @other_trainee              in  no   no  no  no   no  no   no  no   no  --  up
    missing                     in  no   no  no  no   no  no   no  no   no  --  up

/people/<id:person>/merge/<id:other>           GET   409
/people/<id:person>/merge/<id:other>           POST  409
    @trainee/@gone              in  no   no  no  no   no  no   no  no   no  yes up
    @trainee/@administrator     in  no   no  no  no   no  no   no  no   no  yes up
    @trainee/@trainee           in  no   no  no  no   no  no   no  no   no  --  up
    @trainee/@other_trainee     in  no   no  no  no   no  no   no  no   no  --  up
    @other_trainee/@trainee     in  no   no  no  no   no  no   no  no   no  --  up
    @trainee/missing            in  no   no  no  no   no  no   no  no   no  --  up

/people/import.<kind>                           GET   ok
    csv                         in  no   no  no  no   no  no   no  no   no  yes up
    xlsx                        in  no   no  no  no   no  no   no  no   no  yes up
    missing                     in  no   no  no  no   no  no   no  no   no  --  up

/waiting                                        GET   ok
    any                         in  no   no  no  no   no  no   no  no   no  yes up
    ?state=refused              in  no   no  no  no   no  no   no  no   no  yes up
    ?state=missing              in  no   no  no  no   no  no   no  no   no  yes up

/waiting/<id:number>/again                      POST  go
/waiting/<id:number>/arrived                    POST  go
/waiting/<id:number>/drop                       POST  go
    harbour-mail                in  no   no  no  no   no  no   no  no   no  yes up
    northlight-mail             in  no   no  no  no   no  no   no  no   no  --  up
    account-mail                in  no   no  no  no   no  no   no  no   no  --  up
    missing                     in  no   no  no  no   no  no   no  no   no  --  up

/people/invitations/<id:number>/again           POST  go
/people/invitations/<id:number>/withdraw        POST  go
    missing                     in  no   no  no  no   no  no   no  no   no  --  up

/people/<id:person>                             GET   ok
/people/<id:person>                             POST  go
/people/<id:person>/suspend                     POST  go
/people/<id:person>/resume                      POST  go
/people/<id:person>/sign-out                    POST  go
    @other_trainee              in  no   no  no  no   no  no   no  no   no  --  up
    missing                     in  no   no  no  no   no  no   no  no   no  --  up

/people/<id:person>/end                         POST  go
    @other_trainee              in  no   no  no  no   no  no   no  no   no  --  up
    missing                     in  no   no  no  no   no  no   no  no   no  --  up
"""
"""Rules with their method and what "yes" looks like, then the objects with one answer for each principal.

An object gives the rule's variables in order, or its query, or fills its body: `colleague's` is their open attempt,
`colleague's-ended` one that is handed in, `@colleague` the person. Mixed parents are objects that exist apart.
Answers: `ok` 200, `go` 303 onwards, `in` asked to sign in, `up` to set up a second factor, `no` 403, `--` not found,
else the status itself.
HEAD must be as GET. A method that a rule does not have here must be 405 for everybody; it is refused before any object
is looked for, so it is asked of the rule's first object alone.
"""

MAY_SEE = {
    "Tess Trainee": {"trainee", "manager", "auditor", "administrator"},
    "Colin Colleague": {"colleague", "manager", "auditor", "administrator"},
    "Ellis Elsewhere": {"elsewhere", "administrator"},
    "Greta Gone": {"gone", "administrator"},
    "Mona Manager": {"manager", "auditor", "administrator"},
    "Aslan Asleep": {"asleep", "administrator"},
    "Edda Educator": {"educator", "administrator"},
    "Otto Other": {"other_manager"},
    "Olga Other": {"other_trainee", "other_manager"},
    "Aldo Auditor": {"auditor", "administrator"},
    "Ada Administrator": {"administrator"},
    "Harbour rounds": {"trainee", "colleague", "elsewhere", "manager", "educator", "auditor", "administrator"},
    "Northlight rounds": {"other_manager", "other_trainee"},
    "Key of harbour": {"educator"},
    "Key of northlight": set(),
}
"""Words that no page of the crawl may show to anybody else."""

MISSING = 999_999
ONLY_READ = {"GET", "HEAD"}
CSRF_TOKEN = re.compile(rb'name="csrf_token" value="[^"]*"')


@dataclass(frozen=True)
class Cell:
    """One question put to the application, and the answer it must give."""

    rule: str
    method: str
    thing: str
    who: str
    answer: str

    @property
    def changes(self) -> bool:
        """Whether it is meant to change anything."""
        leaves = self.rule == "/sign-out" and self.who != "nobody"
        late = self.answer == "410" and "/answers" in self.rule  # what comes too late is kept
        return (leaves or late or self.answer in {"ok", "go", "204"}) and self.method not in ONLY_READ

    def __str__(self) -> str:
        return f"{self.method} {self.rule} of {self.thing} by {self.who}"


def entries(table: str) -> dict[tuple[str, str], dict[str, list[str]]]:
    """(rule, method) -> object -> an answer for each principal."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    heads: list[list[str]] = []
    fresh = True
    for line in table.splitlines():
        words = line.split()
        if line.startswith("/"):
            heads = [words] if fresh else [*heads, words]
            fresh = False
        elif words:
            fresh = True
            thing, *answers = words
            for rule, method, yes in heads:
                row = [yes if answer == "yes" else answer for answer in answers]
                assert len(row) == len(PRINCIPALS), line
                assert thing not in found.setdefault((rule, method), {}), f"{method} {rule} has {thing} twice"
                found[rule, method][thing] = row
    return found


def cells(table: str) -> list[Cell]:
    """Every cell: what the table says, HEAD as GET, and 405 for every other method."""
    told = entries(table)
    found = []
    for rule in dict.fromkeys(rule for rule, _ in told):
        things = dict.fromkeys(thing for (one, _), rows in told.items() if one == rule for thing in rows)
        for method, thing in product(METHODS, things):
            wrong_method = {next(iter(things)): ["405"] * len(PRINCIPALS)}
            rows = told.get((rule, "GET" if method == "HEAD" else method), wrong_method)
            answers = zip(PRINCIPALS, rows.get(thing, ()), strict=thing in rows)
            found += [Cell(rule, method, thing, who, right) for who, right in answers]
    return found


# The house that is asked ---------------------------------------------------------------------------------------------


@dataclass
class House:
    """A filled application, everybody's cookie and token, and everybody's attempts."""

    app: Flask
    world: World
    badges: dict[str, tuple[str, str]]
    attempts: dict[str, int] = field(default_factory=dict)
    logs: dict[str, int] = field(default_factory=dict)
    mails: dict[str, int] = field(default_factory=dict)
    essays: dict[str, tuple[int, int]] = field(default_factory=dict)
    holds: dict[str, int] = field(default_factory=dict)
    reports: dict[str, int] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    observations: dict[str, int] = field(default_factory=dict)
    proposals: dict[str, int] = field(default_factory=dict)

    def draft(self, course: str) -> int:
        """The open draft of a course, made where there is none."""
        with self.world.session() as session:
            found = session.scalar(
                select(Draft.id)
                .join(Course, Course.id == Draft.course_id)
                .where(Course.name == course, Draft.closed_at.is_(None))
            )
        if found is not None:
            return int(found)
        texts = own_texts(course, PREFIXES[course]) if course != "tiny" else dict(read_folder(TEXTS / "tiny"))
        name = next(path for path in texts if path.endswith("lesson.md"))
        texts[name] = replaced(texts[name], "Everything else waits.", f"Everything else stays in {uuid.uuid4().hex}.")
        return int(take(self.world, texts, organisation=self.world.ids.get(course.capitalize())))

    def bank(self, course: str) -> str:
        """The bank of a course whose text waits as a draft, as a form names it."""
        self.draft(course)
        with self.world.session() as session:
            found = session.scalars(select(Course.id).where(Course.name == course)).one()
        return f"{found}/{'basics' if course == 'tiny' else 'rounds'}"

    def exam(self, course: str) -> int:
        """The exam of an organisation's own course."""
        with self.world.session() as session:
            found = select(Module.id).join(Course, Course.id == Module.course_id)
            return session.scalars(found.where(Course.name == course, Module.name == "final")).one()

    def question(self, course: str, number: str) -> int:
        """The live version of a course's question."""
        with self.world.session() as session:
            found = select(QuestionVersion.id).join(Question, Question.id == QuestionVersion.question_id)
            named = found.join(Course, Course.id == Question.course_id).where(
                Course.name == course, Question.name.endswith(number)
            )
            return int(session.scalars(named.order_by(QuestionVersion.id.desc())).first() or 0)

    def badge(self, who: str) -> tuple[str, str]:
        """(session cookie, CSRF token) of a new visit."""
        browser = self.world.client()
        if who != "nobody":
            browser.sign_in(who, factors=1 if who == "asleep" else 2)
        token = browser.token("/sign-in")
        cookie = browser.client.get_cookie("mesotrain")
        assert cookie
        return cookie.value, token

    def attempt(self, name: str) -> int:
        """The attempt called so in the table; an open one that was handed in is begun again."""
        if name not in self.attempts:
            who, _, exam = name.partition("'s")
            path = f"{CAST[who][1].lower()}/final" if exam else "tiny/basics"
            reply = self.send("POST", f"/courses/{path}/attempts", who, {})
            self.attempts[name] = int(re.findall(r"/attempts/(\d+)", reply.headers["Location"])[0])
        return self.attempts[name]

    def lease(self, attempt: int) -> int:
        """The newest one of an attempt."""
        with self.world.session() as session:
            return int(session.scalar(select(Attempt.lease).where(Attempt.id == attempt)) or 0)

    def end(self, who: str) -> None:
        """Hands in somebody's open attempt."""
        ended = self.attempts.pop(f"{who}'s", None) or self.attempt(f"{who}'s")
        assert self.send("POST", f"/attempts/{ended}/finish", who, {"lease": self.lease(ended)}).status_code == 303
        self.attempts.pop(f"{who}'s", None)
        self.attempts[f"{who}'s-ended"] = ended

    def token(self, whose: str) -> str:
        """What stands in the mailed link of a request to sign."""
        with self.app.app_context():
            return keys.signed("sign", self.requests[whose], "nonce")

    def second(self, whose: str) -> str:
        """What stands in the link that was mailed to somebody from outside."""
        with self.app.app_context():
            return keys.signed("second", list(self.proposals).index(whose) + 1, "nonce")

    def value(self, word: str) -> str:
        """What a word of the table's objects stands for in an address or a body."""
        of, _, kind = word.rpartition("-")
        known: dict[str, Callable[[str], object]] = {
            "into": self.bank,
            "draft": self.draft,
            "essay": lambda whose: self.essays[whose][0],
            "place": lambda whose: self.essays[whose][1],
            "exam": self.exam,
            "figure": figure,
            "log": self.logs.__getitem__,
            "mail": self.mails.__getitem__,
            "hold": self.holds.__getitem__,
            "key": self.keys.__getitem__,
            "report": self.reports.__getitem__,
            "request": self.requests.__getitem__,
            "case": self.requests.__getitem__,
            "observation": self.observations.__getitem__,
            "proposal": self.proposals.__getitem__,
            "second": self.second,
            "token": self.token,
            "q0001": lambda course: self.question(course, "0001"),
            "q0005": lambda course: self.question(course, "0005"),
        }
        if kind in known and "'s" not in word:
            return str(known[kind](of))
        if "'s" in word:
            return str(self.attempt(word))
        return str(MISSING if word == "missing" else self.world.ids.get(word.removeprefix("@"), word))

    def send(
        self, method: str, url: str, who: str, body: dict[str, Any], badge: tuple[str, str] | None = None
    ) -> TestResponse:
        """One request, as the browser of `who` would send it."""
        cookie, token = badge or self.badges[who]
        client = self.app.test_client()
        client.set_cookie("mesotrain", cookie)
        if method in {"POST", "GET", "HEAD"}:
            data = {"csrf_token": token, **body} if method == "POST" else None
            return client.open(url, method=method, data=data)
        return client.open(url, method=method, json=body, headers={"X-CSRFToken": token})

    def ask(self, cell: Cell) -> tuple[str, TestResponse | None]:
        """(the answer in the table's words, the reply)."""
        words, _, query = cell.thing.partition("?")
        values = iter([self.value(word) for word in words.split("/")])
        url = re.sub(r"<[^>]*>", lambda _: quote(next(values)), cell.rule)
        if query:
            name, _, value = query.partition("=")
            url += f"?{name}={self.value(value)}"
        body = BODIES.get((cell.rule, cell.method), lambda *_: {})(next(values, ""), cell.thing)
        if "lease" in body:
            body = {**body, "lease": self.lease(int(url.split("/")[2]))}
        badge = self.badge(cell.who) if cell.changes and cell.rule == "/sign-out" else None
        try:
            reply = self.send(cell.method, url, cell.who, body, badge)
        except Exception as error:
            return f"500 {error!r:.200}", None
        finally:
            if cell.rule in GUESSED:  # each is asked as if it were the first
                self.world.do(lambda session: session.execute(delete(Guess)))
        if cell.changes and cell.rule.endswith("/finish") and not cell.thing.endswith("-ended"):
            self.attempts.pop(cell.thing, None)
        return answer(reply), reply

    def dump(self) -> dict[str, list[str]]:
        """Everything the database remembers."""
        with self.world.session() as session:
            return {
                table.name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
                for table in Base.metadata.sorted_tables
            }


def roster() -> str:
    return f"Name,E-mail,Role,Clinic\nIvo Invited,{uuid.uuid4().hex}@example.org,trainee,Quay\n"


def credentials(_value: str, thing: str) -> dict[str, str]:
    who = "missing" if thing == "missing" else "colleague"
    return {"email": f"{who}@example.org", "password": "wrong" if thing == "wrong" else PASSWORD}


BROUGHT = {"carried": Carried(b"Is it so?{=Yes ~No}", "", "").packed, "path": "a", "format": "gift", "picked": "0"}
"""A question of a file that was looked at, ticked."""
BODIES: dict[tuple[str, str], Callable[[str, str], dict[str, Any]]] = {
    ("/sign-in", "POST"): credentials,
    ("/account", "POST"): lambda *_: {"locale": "en", "zone": "Europe/London"},
    ("/account/organisation", "POST"): lambda value, _: {"organisation": value},
    ("/forgotten", "POST"): lambda *_: {"email": "missing@example.org"},
    ("/people/invite", "POST"): lambda *_: {
        "email": f"{uuid.uuid4().hex}@example.org",
        "name": "Ivo Invited",
        "role": "educator.",
    },
    ("/team/<id:person>/clearance/document", "POST"): lambda *_: {"document": "1/register", "seen": "soon"},
    ("/team/<id:person>/clearance/learnt", "POST"): lambda *_: {"competency": "1/BAS", "on": "soon"},
    ("/team/<id:person>/clearance/go-on", "POST"): lambda *_: {"procedure": "1/face", "until": "soon"},
    ("/team/<id:person>/clearance/supervise", "POST"): lambda *_: {"procedure": "1/face", "until": "soon"},
    **{
        (f"/team/<id:person>/certificates/{act}", "POST"): lambda *_: {"certificate": "1/card", "until": "2027-03-31"}
        for act in ("suspend", "revoke", "lend")
    },
    ("/stops/product", "POST"): lambda *_: {"product": "Lipo-X"},
    ("/stops/procedure", "POST"): lambda *_: {"procedure": "1/face"},
    ("/record/logbook/new", "POST"): lambda *_: {"procedure": "1/face", "clinic": "999", "supervisor": "999"},
    ("/record/logbook/<id:case>/ask", "POST"): lambda *_: {"supervisor": "1"},
    ("/observations/new", "POST"): lambda *_: {"form": "999/1/face/tray", "trainee": "999"},
    ("/observations/drafts/<key>", "POST"): lambda *_: {"1.seen": "9999", "1.said": DONE},
    ("/observations/drafts/<key>/parts/<id:part>", "PUT"): lambda *_: {
        "op": uuid.uuid4().hex,
        "fields": {"said": [DONE]},
    },
    ("/team/<id:person>/adjustments", "POST"): lambda *_: {"extra": "25"},
    ("/invigilation/attempts/<id:attempt_id>/<kind>", "POST"): lambda *_: {"minutes": "5"},
    ("/clinics", "POST"): lambda *_: {"name": uuid.uuid4().hex},
    ("/people/programs", "POST"): lambda *_: {"name": "Booking"},
    ("/clinics/<id:number>", "POST"): lambda *_: {"name": uuid.uuid4().hex},
    ("/people/import", "POST"): lambda *_: {"text": roster()},
    ("/people/import/invite", "POST"): lambda *_: {"text": roster()},
    ("/bring", "POST"): lambda *_: BROUGHT,
    ("/bring/file", "POST"): lambda *_: BROUGHT,
    ("/bring/draft", "POST"): lambda value, _: {**BROUGHT, "into": value},
    ("/people/<id:person>", "POST"): lambda *_: {"role": "educator."},
    ("/courses/<course>/<module>/place", "POST"): lambda *_: {"section": "matters"},
    ("/courses/<course>/<module>/sections/<section>/note", "POST"): lambda *_: {"note.matters": uuid.uuid4().hex},
    ("/questions/<course>/<name>/hold", "POST"): lambda *_: {"reason": "It says two things."},
    ("/attempts/<id:attempt_id>/appeal", "POST"): lambda *_: {"reason": "It is not so."},
    ("/practice", "POST"): lambda value, _: {"question": value, "1.choice": option_id("The first")},
    ("/drafts/<id:draft_id>", "POST"): lambda *_: {"seen": NEWEST},
    ("/drafts/<id:draft_id>/agree", "POST"): lambda *_: {"seen": NEWEST},
    ("/attempts/<id:attempt_id>/answers", "POST"): lambda *_: {"2.seen": "0", "2.flag": uuid.uuid4().hex, "lease": "1"},
    ("/attempts/<id:attempt_id>/finish", "POST"): lambda *_: {"lease": "1"},
    ("/attempts/<id:attempt_id>/answers/<id:position>", "PUT"): lambda *_: {
        "op": uuid.uuid4().hex,
        "fields": {"flag": ["1"]},
        "lease": 1,
    },
}
"""What each mutating request carries besides its token, so that only the permission can refuse it."""


def answer(reply: TestResponse) -> str:
    """A reply in the table's words."""
    if reply.status_code == 401 or (reply.status_code == 303 and reply.headers["Location"].startswith("/sign-in")):
        return "in"
    if reply.status_code == 303 and reply.headers["Location"] == "/account/second-factor":
        return "up"
    known = {200: "ok", 303: "go", 403: "no", 404: "--"}
    if reply.request.method in ONLY_READ:
        known[302] = "go"
    return known.get(reply.status_code, str(reply.status_code))


GUESSED = {"/sign-in", "/forgotten"}
NEWEST = "1"
"""The publication that the draft's page compared with."""


PREFIXES = {"harbour": "hbr", "northlight": "nor"}
"""What the questions of each organisation's own course are called."""


def own_course(name: str, prefix: str) -> Text:
    """The tiny course under another name, for one organisation."""
    return read_course(own_texts(name, prefix))


def own_texts(name: str, prefix: str) -> dict[str, str | bytes]:
    texts = read_folder(TEXTS / "tiny")
    changed = {
        "One thing above the others": f"One thing above the others of {name}",
        "course: tiny": f"course: {name}",
        "[basics]": "[rounds, final]",
        "title: The basics": f"title: {name.capitalize()} rounds",
        "bas-000": f"{prefix}-000",
        "basics#": "rounds#",
        "CANARY-REASON": f"Key of {name}",
    }
    for old, new in changed.items():
        texts = {path.replace("basics/", "rounds/"): replaced(text, old, new) for path, text in texts.items()}
    return {**texts, "final/exam.md": EXAM}


EXAM = """---
title: The final exam
summary: All of it.
draws on: [rounds]
exam:
  plan:
    BAS: {recall: 1}
  pass: 60%
  time: 20 minutes
  feedback: after submit
sign-off: none
---

Take your time.
"""


def replaced(content: str | bytes, old: str, new: str) -> str | bytes:
    return content.replace(old, new) if isinstance(content, str) else content.replace(old.encode(), new.encode())


def figure(course: str) -> str:
    """The digest of a course's figure."""
    found = tiny_course() if course == "tiny" else own_course(course, "xxx")
    return found.media[0].digest


def furnish(world: World) -> None:
    """Adds a course of each organisation, the person who is about to go and the one who has one factor."""

    def work(session: Any) -> None:
        for name, prefix in PREFIXES.items():
            text = replace(own_course(name, prefix), scheme=WATCHED)
            courses.publish(session, world.clock(), text, world.ids[name.capitalize()])
        known = session.get_one(Person, world.ids["trainee"]).password_hash
        for who, name, role in (("gone", "Greta Gone", "trainee"), ("asleep", "Aslan Asleep", "manager")):
            made = people.create_person(session, name, f"{who}@example.org", known, who.encode(), "en", "Europe/London")
            people.join(session, world.clock(), world.ids["Harbour"], made, [(role, world.ids["Quay"])])
            world.ids[who] = made.id

    world.do(work)


def leave(session: Any, world: World, administrator: Actor) -> None:
    """Ends the membership of the person who goes, whose record is then held."""
    session.get_one(Member, (world.ids["Harbour"], world.ids["gone"])).ended_on = date(2027, 3, 12)
    session.flush()
    privacy.hold(session, administrator, world.clock(), world.ids["gone"], "An inquiry.")


def post(session: Any, world: World, mails: dict[str, int]) -> None:
    """A mail that waits for somebody of each organisation, and one about an account, which is nobody's but its own."""
    now, trainee = world.clock(), world.ids["trainee"]
    mails["harbour"] = mail(session, now, trainee, WAITING)
    mails["northlight"] = mail(session, now, world.ids["other_trainee"], WAITING)
    (position,) = record(session, now, Said("password.changed", None, "", "", {}))
    row = Mail(event_position=position, person_id=trainee, kind="password-changed", state=WAITING, changed_at=now)
    session.add(row)
    session.flush()
    mails["account"] = row.id


def log_two(session: Session, world: World, requests: dict[str, int]) -> None:
    """Two cases of somebody of the quay, whom `elsewhere` is asked to sign; one is signed. Their numbers are alike."""
    now, harbour = world.clock(), world.ids["Harbour"]
    nia = people.create_person(session, "Nia Newcomer", "nia@example.org", "", b"nia", "en", "Europe/London")
    people.join(session, now, harbour, nia, [("trainee", world.ids["Quay"])])
    for name, signed in (("nia", False), ("signed", True)):
        where: dict[str, int] = {"organisation_id": harbour}
        (where["sequence"],) = record(session, now, Said("member.resumed", harbour, "", nia.commitment, {}))
        told = {"procedure": "face", "role": "supervised", "day": now.date(), "site": "", "learnt": "", "number": ""}
        case = Case(person_id=nia.id, clinic_id=world.ids["Quay"], course_id=1, **told, **where)
        session.add(case)
        session.flush()
        ends = now.date() + timedelta(days=30)
        request = SignatureRequest(
            case_id=case.id, supervisor_id=world.ids["elsewhere"], nonce="nonce", ends_on=ends, **where
        )
        session.add(request)
        session.flush()
        assert request.id == case.id
        requests[name] = request.id
        if signed:
            said = {"answer": "not seen", "level": 0, "words": "", "proof": "password", "record": ""}
            session.add(Signature(request_id=request.id, **said, **where))


def observe(session: Session, world: World, observations: dict[str, int]) -> None:
    """What `elsewhere` saw of somebody of the quay and signed, and two forms that are not signed yet."""
    now, harbour = world.clock(), world.ids["Harbour"]
    who = session.scalars(select(Person).filter_by(name="Nia Newcomer")).one()
    found = select(Publication).join(Course, Course.id == Publication.course_id).where(Course.name == "harbour")
    published = session.scalars(found).one()
    where = {"organisation_id": harbour, "person_id": who.id, "observer_id": world.ids["elsewhere"]}
    where |= {"clinic_id": world.ids["Quay"], "course_id": published.course_id, "publication_id": published.id}
    what = {"procedure": "face", "form": "tray", "day": now.date(), **where}
    session.add_all(ObservationDraft(key=key, said={}, operations=[], **what) for key in ("nia-form", "nia-last"))
    (place,) = record(session, now, Said("member.resumed", harbour, "", who.commitment, {}))
    said = {"marks": {}, "rating": 1, "outcome": "not passed", "sequence": place}
    said |= dict.fromkeys(("version", "words", "proof", "record", "draft"), "")
    row = Observation(**what, **said)
    session.add(row)
    session.flush()
    observations["nia"] = row.id


def propose_two(session: Session, world: World, proposals: dict[str, int]) -> None:
    """What a manager of each organisation proposed, and nobody decided in time."""
    for name, organisation, about, by in (
        ("quay", "Harbour", "trainee", "manager"),
        ("cork", "Northlight", "other_trainee", "other_manager"),
    ):
        where: dict[str, int] = {"organisation_id": world.ids[organisation]}
        said = Said("member.resumed", world.ids[organisation], "", "", {})
        (where["sequence"],) = record(session, world.clock(), said)
        who = {"person_id": world.ids[about], "proposed_by": world.ids[by], "course_id": 1}
        row = Proposal(kind="suspended", about="card", reason="So.", ends_on=world.clock().date(), **who, **where)
        session.add(row)
        session.flush()
        proposals[name] = row.id
        asked = {"proposal_id": row.id, "asked_by": world.ids[by], "asked_at": world.clock(), "nonce": "nonce"}
        session.add(Outsider(organisation_id=world.ids[organisation], email="judge@example.net", **asked))
        session.flush()


def key_of(world: World, organisation: str) -> int:
    """A key of another program."""
    actor, now = world.actor({"harbour": "administrator"}.get(organisation, "other_manager")), world.clock()
    return int(world.do(lambda session: programs.make(session, actor, now, "Booking", "nonce")))


def hold_one(world: World, organisation: str) -> int:
    """The hold of a question of an organisation's own course, which has ended, so that the question is still drawn."""
    prefix, who = PREFIXES[organisation], {"harbour": "educator", "northlight": "other_manager"}[organisation]
    actor, now = world.actor(who), world.clock()

    def work(session: Any) -> int:
        made = holds.hold(session, actor, now, organisation, f"{prefix}-0003", "Why?")
        holds.lift(session, actor, now, made, RIGHT, "So.")
        return made

    made: int = world.do(work)
    return made


def report_one(world: World, who: str, attempt: int) -> int:
    """What a taker says of the first question of their attempt."""
    actor, now = world.actor(who), world.clock()

    def work(session: Any) -> int:
        reports.report(session, actor, now, attempt, 1, "Which one?")
        return int(session.scalar(select(Report.id).order_by(Report.id.desc()).limit(1)) or 0)

    made: int = world.do(work)
    return made


@pytest.fixture(scope="module")
def house(engine: Engine) -> Iterator[House]:
    world = engine.world()
    world = replace(world, ids=dict(world.ids))
    furnish(world)
    made = House(world.app, world, {})
    made.badges = {who: made.badge(who) for who in PRINCIPALS}
    publish(world)
    for organisation, who in (("harbour", "colleague"), ("northlight", "other_trainee")):
        written = write(world, who)
        made.essays[organisation] = written.attempt, written.places[ONE_OF_THEM]
        made.holds[organisation] = hold_one(world, organisation)
        made.keys[organisation] = key_of(world, organisation)
        made.reports[organisation] = report_one(world, who, written.attempt)
    kept_by(world, "Harbour")
    for course in ("tiny", "harbour", "northlight"):
        made.draft(course)
    for who in ("trainee", "colleague", "elsewhere", "other_trainee", "gone"):
        body = {"question": made.question("tiny", "0005"), "1.choice": option_id("The last")}
        made.logs[who] = int(made.send("POST", "/practice", who, body).headers["Location"].rsplit("/", 1)[1])
        made.end(who)
        made.attempt(f"{who}'s")
    for who in ("trainee", "elsewhere", "other_trainee"):
        made.attempt(f"{who}'s-exam")
    administrator = world.actor("administrator")
    world.do(lambda session: leave(session, world, administrator))
    world.do(lambda session: post(session, world, made.mails))
    world.do(lambda session: log_two(session, world, made.requests))
    world.do(lambda session: observe(session, world, made.observations))
    world.do(lambda session: propose_two(session, world, made.proposals))
    yield made
    world.close()


# The checker ---------------------------------------------------------------------------------------------------------


def entry_faults(app: Flask, table: str) -> list[str]:
    """Rules without an entry, and entries without a rule."""
    declared = {(rule.rule, method) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    served = {(rule, method) for rule, method in declared if method != "HEAD"}
    told = set(entries(table))
    return [
        *(f"{method} {rule} has no entry in the table" for rule, method in sorted(served - told)),
        *(f"{method} {rule} is in the table and not in the application" for rule, method in sorted(told - served)),
    ]


@dataclass
class Verdict:
    """What the checker found; `asserted` counts the cells that got an answer."""

    faults: list[str] = field(default_factory=list)
    asserted: int = 0
    twins: dict[tuple[str, ...], tuple[Cell, object]] = field(default_factory=dict)

    def hear(self, house: House, cell: Cell) -> None:
        """Asks one cell and holds its reply against everything that is promised of it."""
        got, reply = house.ask(cell)
        self.asserted += 1
        if got != cell.answer:
            self.faults.append(f"{cell}: {cell.answer} is right, {got} came")
        if reply is None:
            return
        if cell.method == "HEAD" and reply.data:
            self.faults.append(f"{cell}: a reply to HEAD has a body")
        page = reply.data.decode(errors="replace")
        self.faults += [
            f"{cell}: shows {word}" for word, seers in MAY_SEE.items() if word in page and cell.who not in seers
        ]
        if got in {"--", "no"}:
            first, like = self.twins.setdefault((cell.rule, cell.method, cell.who, got), (cell, face(reply)))
            if like != face(reply):
                self.faults.append(f"{cell}: refused in other words than {first.thing}")


def face(reply: TestResponse) -> object:
    """All of a reply that could tell one object from another."""
    told = [(name, value) for name, value in reply.headers if name not in {"Date", "Set-Cookie", "Content-Length"}]
    return reply.status_code, told, CSRF_TOKEN.sub(b"", reply.data)


def changed(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
    return [f"table {name} changed, and nobody was allowed to" for name in before if before[name] != after[name]]


def check(house: House, table: str) -> Verdict:
    """Asks every cell: first all that must change nothing, between two dumps, then those that may."""
    verdict = Verdict()
    every = cells(table)
    before = house.dump()
    for cell in every:
        if not cell.changes:
            verdict.hear(house, cell)
    verdict.faults += changed(before, house.dump())
    for cell in every:
        if cell.changes:
            verdict.hear(house, cell)
    return verdict


# What holds ----------------------------------------------------------------------------------------------------------


def test_every_rule_has_an_entry_and_every_entry_a_rule(house: House) -> None:
    assert entry_faults(house.app, TABLE) == []


def test_every_rule_that_names_an_object_is_asked_for_a_missing_one() -> None:
    for (rule, method), rows in entries(TABLE).items():
        assert "<" not in rule or any("missing" in thing for thing in rows), f"{method} {rule}"


@pytest.fixture(scope="module")
def verdict(house: House) -> Verdict:
    return check(house, TABLE)


def test_every_cell(verdict: Verdict, capsys: pytest.CaptureFixture[str]) -> None:
    assert "\n".join(verdict.faults) == ""
    assert verdict.asserted == len(cells(TABLE))
    with capsys.disabled():
        print(f"\nwho may: {verdict.asserted} of {len(cells(TABLE))} cells asserted")  # noqa: T201


# What the checker would catch ----------------------------------------------------------------------------------------


def unscoped(leak: Blueprint) -> None:
    """Anybody's attempt for any trainee."""

    @gate.page(leak, "/attempts/<id:attempt_id>/leak", may="sit")
    def view(session: Any, actor: Any, now: Any, attempt_id: int) -> str:
        if not (found := session.get(Attempt, attempt_id)):
            raise NotFound
        return f"<p>{found.state}</p>"


def wrong_permission(leak: Blueprint) -> None:
    """What managers may see, for everybody who may read."""

    @gate.page(leak, "/leak", may="learn")
    def view(session: Any, actor: Any, now: Any) -> str:
        return "<p>who holds what</p>"


def unscoped_list(leak: Blueprint) -> None:
    """Everybody's name for any manager."""

    @gate.page(leak, "/leak", may="team")
    def view(session: Any, actor: Any, now: Any) -> str:
        return ", ".join(session.scalars(select(Person.name)))


def telling_refusal(leak: Blueprint) -> None:
    """A "not found" that tells whether there is one."""

    @gate.page(leak, "/attempts/<id:attempt_id>/leak", may="sit")
    def view(session: Any, actor: Any, now: Any, attempt_id: int) -> str:
        found = session.get(Attempt, attempt_id)
        if found and found.person_id == actor.person:
            return f"<p>{found.state}</p>"
        raise NotFound("This is not your attempt." if found else "There is no such attempt.")


def writing_page(leak: Blueprint) -> None:
    """A GET that changes something."""

    @gate.act(leak, "/leak", may="team", method="GET")
    def view(session: Any, actor: Any, now: Any) -> str:
        session.add(Clinic(organisation_id=actor.organisation, name=uuid.uuid4().hex))
        return ""


OWN = """
/attempts/<id:attempt_id>/leak                 GET   ok
    trainee's                   in  no   yes --  --   no  no   no  --   no  no  up
    other_trainee's             in  no   --  --  --   no  no   no  yes  no  no  up
    missing                     in  no   --  --  --   no  no   no  --   no  no  up
"""
MANAGERS = """
/leak                                           GET   ok
    any                         in  no   no  no  no   yes no   yes no   yes no  up
"""

LEAKS = {
    unscoped: (OWN, "GET /attempts/<id:attempt_id>/leak of trainee's by other_trainee: -- is right, ok came"),
    wrong_permission: (MANAGERS, "GET /leak of any by trainee: no is right, ok came"),
    unscoped_list: (MANAGERS, "GET /leak of any by other_manager: shows Tess Trainee"),
    telling_refusal: (
        OWN,
        "GET /attempts/<id:attempt_id>/leak of missing by colleague: refused in other words than trainee's",
    ),
    writing_page: (MANAGERS, "table clinics changed, and nobody was allowed to"),
}


@pytest.mark.parametrize("fill", LEAKS, ids=lambda fill: fill.__name__)
def test_a_leak_is_caught(house: House, monkeypatch: pytest.MonkeyPatch, fill: Callable[[Blueprint], None]) -> None:
    table, fault = LEAKS[fill]
    with leaking(house.world, monkeypatch, fill) as leaky:
        assert fault in check(replace(house, app=leaky.app), table).faults


def test_a_rule_without_an_entry_is_caught(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with leaking(house.world, monkeypatch, wrong_permission) as leaky:
        assert entry_faults(leaky.app, TABLE) == ["GET /leak has no entry in the table"]


def test_an_entry_without_a_rule_is_caught(house: House) -> None:
    assert entry_faults(house.app, TABLE + MANAGERS) == ["GET /leak is in the table and not in the application"]


def silent(leak: Blueprint) -> None:
    leak.add_url_rule("/silent", "silent", lambda: "")


def permission_of_nobody(leak: Blueprint) -> None:
    gate.page(leak, "/wizards", may="conjure")(lambda *_: "")


@pytest.mark.parametrize(("fill", "named"), [(silent, "leak.silent"), (permission_of_nobody, "conjure")])
def test_a_rule_that_declares_nothing_known_does_not_start(
    house: House, monkeypatch: pytest.MonkeyPatch, fill: Callable[[Blueprint], None], named: str
) -> None:
    with pytest.raises(RuntimeError, match=named), leaking(house.world, monkeypatch, fill):
        pass


def test_the_cast_is_all_asked() -> None:
    assert set(CAST) | {"nobody", "gone", "asleep"} == set(PRINCIPALS)
