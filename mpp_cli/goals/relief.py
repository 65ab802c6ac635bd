"""Goal 1: humanitarian protection for those who qualify, and non-refoulement."""

from mpp_cli.goals.common_rules import CASES_NOT_PEOPLE, MPP_DOCKET, NTA_FILED
from mpp_cli.goals.definitions import Count, Events, Goal, Metric, Note, Rule

ANY_GRANT = Rule(
    "no-grant",
    keeps="grants > 0",
    excluded="cases without a grant of relief",
)

#: Their kind is not known, so they cannot be told to be relief as the document means it.
UNKNOWN_RELIEF = Rule(
    "relief-unknown",
    keeps="relief_date IS NOT NULL OR unknown_relief_date IS NULL",
    excluded="cases with relief of unknown kind",
    quiet=True,
)

RELIEF_KINDS = Rule(
    "relief-kinds",
    keeps="relief_date IS NOT NULL",
    dated_by="relief_date",
    excluded="cases with grants of other kinds only",
    footnote=(
        '"Relief" in this context refers to asylum, statutory withholding of removal and '
        "withholding of removal under the Convention Against Torture."
    ),
)

ANY_REFERRAL = Rule(
    "no-referral",
    keeps="first_referral_date IS NOT NULL",
    dated_by="first_referral_date",
    excluded="cases never referred to USCIS",
)

RELIEF_GRANTED = Count(
    "relief_granted",
    "MPP Aliens Granted Relief",
    # Relief is counted among the enrolled; under this figure the document says
    # only what relief means, so the NTA rule applies here without its sentence.
    rules=(MPP_DOCKET, NTA_FILED.said(None), ANY_GRANT, UNKNOWN_RELIEF, RELIEF_KINDS),
    events=Events(
        table="grants",
        keeps="relief_type IN ('asylum', 'statutory_withholding', 'cat_withholding')",
        number="relief_grants",
        last="last_relief_date",
        one="further grant",
        many="further grants",
    ),
)

ALIENS_REFERRED = Count(
    "aliens_referred",
    "Number of MPP Aliens Referred to USCIS for Non-Refoulement Assessments",
    of="people",
    rules=(MPP_DOCKET, ANY_REFERRAL),
    events=Events(
        table="referrals",
        keeps="TRUE",
        number="referrals",
        last="last_referral_date",
        one="further referral",
        many="further referrals",
        of_one="counted person",
        of_many="counted people",
    ),
)

POSITIVE_ASSESSMENT = Note(
    "positive-assessment",
    "If USCIS assesses that an alien who affirmatively states a fear of return to Mexico is more "
    "likely than not to face persecution on a protected ground or torture in Mexico, the alien is "
    "no longer amenable for MPP.",
)

STATEMENT = (
    "MPP provides a streamlined pathway for aliens to defensively apply for protection or relief "
    "from removal, while upholding non-refoulement obligations through screenings of fear in "
    "Mexico."
)

GOAL = Goal(
    1,
    "MPP streamlines existing avenues for aliens in removal proceedings who qualify for "
    "humanitarian protection in the United States to receive it.",
    metrics=(
        Metric(
            "relief-granted",
            "MPP Aliens Granted Relief",
            STATEMENT,
            "Number of INA Section 240 removal proceedings for aliens subject to MPP which "
            "resulted in a grant of relief.",
            measures=(RELIEF_GRANTED,),
            headline="relief_granted",
            notes=(CASES_NOT_PEOPLE,),
            goal=1,
        ),
        Metric(
            "non-refoulement-referrals",
            "Number of MPP Aliens Referred to USCIS for Non-Refoulement Assessments",
            STATEMENT,
            "Number of MPP aliens referred to U.S. Citizenship and Immigration Services (USCIS) "
            "for non-refoulement assessment interviews based on the alien's assertion of a fear "
            "of persecution or torture in, or returning to, Mexico.",
            measures=(ALIENS_REFERRED,),
            headline="aliens_referred",
            notes=(POSITIVE_ASSESSMENT, CASES_NOT_PEOPLE),
            goal=1,
        ),
    ),
)
