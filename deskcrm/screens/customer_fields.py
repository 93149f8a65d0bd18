"""How the fields of a customer stand on the form: in sections, with short labels and their help."""

from __future__ import annotations

from dataclasses import dataclass

from deskcrm.i18n import N_
from deskcrm.models import CustomerKind
from deskcrm.rules.customer_checks import FormField
from deskcrm.services.customer_form import form_for
from deskcrm.widgets.forms import HALF_WIDTH, FieldSpec, Kind
from deskcrm.widgets.inputs import Option

FULL = 60
WHOLE_ROW = {"name", "id_type", "address", "tier", "risk_class", "risk_tolerance"}
WHOLE_ROW |= {"special_care", "prospect_interest"}

SECTIONS = {
    N_("Basics"): """
        name other_name nationality credit_code legal_representative legal_representative_id
        registered_capital founded_on employee_count industry
        id_type id_number id_expires_on born_on gender""",
    N_("Ways to reach"): """
        mobile landline email wechat address postal_code language do_not_call""",
    N_("Background"): """
        occupation employer annual_income education marital_status
        prospect_interest prospect_feedback cooperation_since business_scope operating_notes""",
    N_("Relationship"): """
        number opened_on tier cadence_days segment risk_class risk_tolerance risk_assessed_on
        special_care source collected_via reviewed""",
}
"""The sections of the form and their fields; a kind of customer has some of them."""

SHORT_LABELS = {
    "id_type": N_("ID document"),
    "id_number": N_("Identity no."),
    "id_expires_on": N_("Valid until"),
    "born_on": N_("Born on"),
    "credit_code": N_("Credit code"),
    "legal_representative": N_("Legal rep."),
    "legal_representative_id": N_("Their ID no."),
    "registered_capital": N_("Capital"),
    "cooperation_since": N_("With us since"),
    "prospect_interest": N_("Interested in"),
    "number": N_("Customer no."),
    "cadence_days": N_("Contact every"),
    "risk_class": N_("Risk class"),
    "risk_assessed_on": N_("Assessed on"),
    "reviewed": N_("File reviewed"),
}
"""What fits beside an input, where the name of the field in ``customer_form.toml`` is too long."""

HELP = {
    "name": N_("As on the identity document or the business licence."),
    "other_name": N_("A former name, a name in another script, or a short name."),
    "nationality": N_("As on the identity document, for example 中国."),
    "id_type": N_("Which document the number below is from; a number of 18 characters tells."),
    "id_number": N_("The form is checked while you type. That it is theirs is not verified here."),
    "id_expires_on": N_("The last day of the document: 2036-05-01; you are reminded before."),
    "born_on": N_("Filled in from the identity number; else like 1980-05-01."),
    "gender": N_("Filled in from the identity number."),
    "credit_code": N_("18 characters of the business licence; the form is checked, not the entry."),
    "legal_representative": N_("The name as on the business licence."),
    "legal_representative_id": N_("The form is checked; that it is theirs is not verified here."),
    "registered_capital": N_("In yuan: 5,000,000 or 500万."),
    "founded_on": N_("The day on the business licence: 2015-06-01."),
    "employee_count": N_("How many people work there; a whole number."),
    "industry": N_("What the business is, in a few words."),
    "mobile": N_("11 digits; spaces and +86 do not matter. Others who have it are shown."),
    "landline": N_("With the area code: 0571-87654321."),
    "email": N_("Like name@example.com."),
    "wechat": N_("The WeChat ID, not the display name."),
    "address": N_("Where post arrives."),
    "postal_code": N_("Six digits in mainland China."),
    "language": N_("Which language or dialect they prefer to speak."),
    "do_not_call": N_("Yes: no duty asks for a call, and the screen warns before one."),
    "occupation": N_("What they do for a living."),
    "employer": N_("Company or institution they work for."),
    "annual_income": N_("In yuan, before tax: 120,000 or 12万. As the customer says it."),
    "education": N_("Highest degree, for example 本科."),
    "marital_status": N_("Single, married, divorced or widowed; only if they told you."),
    "prospect_interest": N_("What they asked about or would need."),
    "prospect_feedback": N_("What they said about our offers; Tab goes on."),
    "cooperation_since": N_("Since when the company works with the bank."),
    "business_scope": N_("As on the business licence, in short; Tab goes on."),
    "operating_notes": N_("How business goes: orders, seasons, plans; Tab goes on."),
    "number": N_("The number in the core system; each is given once."),
    "opened_on": N_("The day the first account was opened: 2024-03-01."),
    "tier": N_("Service tier; says how often they are contacted. Empty is Standard."),
    "cadence_days": N_("Days between two contacts; empty: as the tier says."),
    "segment": N_("A group of the branch, for example 代发工资."),
    "risk_class": N_("Of the customer due diligence; set by the review, not by impression."),
    "risk_tolerance": N_("Result of the suitability questionnaire."),
    "risk_assessed_on": N_("The day of the questionnaire."),
    "special_care": N_("What everyone should mind: hard of hearing, wheelchair, reads no Chinese."),
    "source": N_("How they came to us: referral, walk-in, campaign."),
    "collected_via": N_("How these particulars were collected: counter, phone, form."),
    "reviewed": N_("Yes: you went through the whole file with them today; the day is noted."),
}

TYPED_AS: dict[str, Kind] = {"multiline": "multiline", "choice": "choice", "bool": "bool"}
"""Fields that are not one line of text."""


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the form: the message id of its title, and its fields."""

    title: str
    fields: tuple[FieldSpec, ...]


def sections_of(kind: CustomerKind) -> tuple[Section, ...]:
    """The pages of the form for a kind of customer."""
    known = {one.name: one for one in form_for(kind)}
    return tuple(
        Section(title, tuple(_spec(known[name], kind) for name in names.split() if name in known))
        for title, names in SECTIONS.items()
    )


def label_of(field: FormField, kind: CustomerKind) -> str:
    """The message id of the label beside the input."""
    if field.name == "name" and kind is CustomerKind.CORPORATE:
        return N_("Company name")
    return SHORT_LABELS.get(field.name, field.label_id)


def _spec(field: FormField, kind: CustomerKind) -> FieldSpec:
    return FieldSpec(
        field.name,
        label_of(field, kind),
        TYPED_AS.get(field.type, "text"),
        required=field.required,
        choices=tuple(Option(code, label_id) for code, label_id in field.choices.items()),
        help=HELP[field.name],
        width=FULL if field.name in WHOLE_ROW else HALF_WIDTH,
    )
