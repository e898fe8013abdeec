"""Every code with its severity, written down apart from the scheme files: codes are permanent."""

BLOCKS = """
form.required form.not-a-number form.not-a-date form.negative form.too-large form.too-precise form.unknown-choice
form.date-unclear form.too-long form.dates-reversed form.implausible-date form.too-many form.rate-future
rfr.outside-period rfr.not-open rfr.started rfr.not-specialist rfr.passive rfr.no-eligible-cost rfr.counter-missing
rfr.counter-company rfr.head-unknown rfr.head-left rfr.head-self
rfr.prior-unstated rfr.second-grant rfr.follow-up-missing rfr.follow-up-early
kf.payee-unstated kf.account-missing kf.account-wrong kf.org-number-missing kf.org-number-wrong
 kf.not-completed kf.before-scheme kf.topic-missing kf.certificate-missing kf.receipt-missing
kf.absence-missing kf.nothing-to-refund kf.already-refunded kf.preapproval-late kf.preapproval-days
"""
WARNS = """
form.rate-odd rfr.decision-late rfr.digital-travel rfr.follow-up-far rfr.specialist-mismatch kf.days-beyond-dates
kf.preapproval-far
rfr.counter-short rfr.payee-missing rfr.second-pending rfr.prior-mismatch rfr.budget-low rfr.no-decision-day-left
kf.course-unlisted kf.overlap kf.paper-shared kf.days-cap kf.preapproval-unfit
kf.away-weekend kf.away-beyond kf.away-elsewhere kf.rate-unconfirmed kf.appropriation-low
"""
NOTES = """
rfr.cost-not-covered rfr.ceiling rfr.uncovered rfr.next-year rfr.pause
kf.fee-cap kf.outside-hours kf.cost-not-covered
"""

SEVERITIES = {
    **dict.fromkeys(BLOCKS.split(), "blocks"),
    **dict.fromkeys(WARNS.split(), "warns"),
    **dict.fromkeys(NOTES.split(), "notes"),
}
