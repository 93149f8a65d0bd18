-- Anything else that was promised. Due: the day or minute promised. Period: the interaction.
SELECT
  c.id AS customer_id,
  CAST(i.id AS TEXT) AS period,
  COALESCE(CASE WHEN i.batch_id IS NULL THEN i.officer_id END, c.owner_id, i.officer_id) AS owner_id,
  i.next_on AS due_on,
  i.next_at AS due_at,
  i.next_note AS note,
  i.id AS origin_interaction_id
FROM interaction AS i /* via ix_interaction_promise, subjects ix_interaction_customer */
JOIN customer AS c /* via rowid, subjects rowid */ ON c.id = i.customer_id
WHERE i.next_kind IN ('visit', 'send', 'other')
  AND i.next_on BETWEEN :from_on AND :to_on
  AND NOT EXISTS (
    SELECT 1 FROM followup AS f
    WHERE f.rule_code = 'next_step' AND f.customer_id = i.customer_id
      AND f.period = CAST(i.id AS TEXT)
  )
  AND c.status = 'active'
  /* subjects */
