-- Contact and update of the file. Due: the tier's (or the customer's own) cadence after the last
-- real contact. Period: that contact's day, so that one is raised after each contact.
SELECT
  c.id AS customer_id,
  c.cadence_anchor_on AS period,
  c.owner_id AS owner_id,
  date(c.cadence_anchor_on, '+' || t.cadence_days || ' days') AS due_on,
  NULL AS due_at,
  '' AS note,
  NULL AS origin_interaction_id
FROM tier AS t
CROSS JOIN customer AS c /* via ix_customer_cadence, subjects rowid */
WHERE t.valid_from = (
    SELECT max(v.valid_from) FROM tier AS v WHERE v.code = t.code AND v.valid_from <= :today
  )
  AND c.status = 'active'
  AND c.do_not_call = 0
  AND c.cadence_days IS NULL
  AND c.tier = t.code
  AND c.cadence_anchor_on BETWEEN date(:from_on, '-' || t.cadence_days || ' days')
    AND date(:to_on, '-' || t.cadence_days || ' days')
  AND NOT EXISTS (
    SELECT 1 FROM followup AS f
    WHERE f.rule_code = 'quarterly_update' AND f.customer_id = c.id
      AND f.period = c.cadence_anchor_on
  )
  AND NOT EXISTS (
    SELECT 1 FROM followup AS f
    WHERE f.rule_code = 'quarterly_update' AND f.customer_id = c.id
      AND f.state = 'open' AND f.single_open = 1
  )
  /* subjects */
UNION ALL
SELECT
  c.id,
  c.cadence_anchor_on,
  c.owner_id,
  date(c.cadence_anchor_on, '+' || c.cadence_days || ' days'),
  NULL,
  '',
  NULL
FROM customer AS c /* via ix_customer_own_cadence, subjects rowid */
WHERE c.status = 'active'
  AND c.do_not_call = 0
  AND c.cadence_days IS NOT NULL
  AND c.cadence_anchor_on <= :to_on
  AND date(c.cadence_anchor_on, '+' || c.cadence_days || ' days') BETWEEN :from_on AND :to_on
  AND NOT EXISTS (
    SELECT 1 FROM followup AS f
    WHERE f.rule_code = 'quarterly_update' AND f.customer_id = c.id
      AND f.period = c.cadence_anchor_on
  )
  AND NOT EXISTS (
    SELECT 1 FROM followup AS f
    WHERE f.rule_code = 'quarterly_update' AND f.customer_id = c.id
      AND f.state = 'open' AND f.single_open = 1
  )
  /* subjects */
