CREATE TABLE branch (
	id INTEGER NOT NULL,
	code VARCHAR DEFAULT '' NOT NULL,
	name VARCHAR NOT NULL,
	address VARCHAR DEFAULT '' NOT NULL,
	phone VARCHAR DEFAULT '' NOT NULL,
	time_zone VARCHAR DEFAULT 'Asia/Shanghai' NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX ix_branch_code ON branch (code);
CREATE TABLE calendar_day (
	id INTEGER NOT NULL,
	day DATE NOT NULL,
	working BOOLEAN NOT NULL,
	announced_year INTEGER,
	reason VARCHAR DEFAULT '' NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (day)
);
CREATE TABLE change_set (
	id INTEGER NOT NULL,
	at INTEGER NOT NULL,
	officer_id INTEGER,
	action VARCHAR NOT NULL,
	reason VARCHAR DEFAULT '' NOT NULL,
	reverses_id INTEGER,
	reversed_by_id INTEGER,
	PRIMARY KEY (id)
);
CREATE INDEX ix_change_set_officer ON change_set (officer_id, id);
CREATE TABLE custom_field (
	id INTEGER NOT NULL,
	customer_kind TEXT NOT NULL,
	"key" VARCHAR NOT NULL,
	label VARCHAR NOT NULL,
	value_type VARCHAR NOT NULL,
	choices TEXT,
	required BOOLEAN DEFAULT 0 NOT NULL,
	active BOOLEAN DEFAULT 1 NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (customer_kind, "key")
);
CREATE TABLE duplicate_key (
	kind INTEGER NOT NULL,
	"key" VARCHAR NOT NULL,
	customer_id INTEGER NOT NULL,
	PRIMARY KEY (kind, "key", customer_id)
)
 WITHOUT ROWID;
CREATE TABLE followup_rule (
	id INTEGER NOT NULL,
	code VARCHAR NOT NULL,
	title_id VARCHAR NOT NULL,
	script_id VARCHAR DEFAULT '' NOT NULL,
	active BOOLEAN DEFAULT 1 NOT NULL,
	statutory BOOLEAN DEFAULT 0 NOT NULL,
	clock VARCHAR DEFAULT 'calendar' NOT NULL,
	lead_days INTEGER DEFAULT 0 NOT NULL,
	expires_after_days INTEGER,
	minutes INTEGER DEFAULT 6 NOT NULL,
	value_points INTEGER DEFAULT 0 NOT NULL,
	late_points INTEGER DEFAULT 0 NOT NULL,
	probability_permille INTEGER DEFAULT 600 NOT NULL,
	maximum_attempts INTEGER DEFAULT 4 NOT NULL,
	single_open BOOLEAN DEFAULT 0 NOT NULL,
	needs_call BOOLEAN DEFAULT 0 NOT NULL,
	source VARCHAR DEFAULT '' NOT NULL,
	valid_from DATE NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (code, valid_from)
);
CREATE TABLE import_mapping (
	id INTEGER NOT NULL,
	kind VARCHAR NOT NULL,
	fingerprint VARCHAR NOT NULL,
	mapping TEXT,
	saved_at INTEGER NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (kind, fingerprint)
);
CREATE TABLE ledger (
	seq INTEGER NOT NULL,
	id INTEGER NOT NULL,
	change_set_id INTEGER NOT NULL,
	at INTEGER NOT NULL,
	officer_id INTEGER,
	action VARCHAR NOT NULL,
	operation VARCHAR NOT NULL,
	subject_table VARCHAR NOT NULL,
	subject_id INTEGER,
	changes VARCHAR DEFAULT '' NOT NULL,
	reason VARCHAR DEFAULT '' NOT NULL,
	mac BLOB NOT NULL,
	PRIMARY KEY (seq)
);
CREATE INDEX ix_ledger_change_set ON ledger (change_set_id);
CREATE INDEX ix_ledger_subject ON ledger (subject_table, subject_id);
CREATE TABLE product (
	id INTEGER NOT NULL,
	code VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	risk_level VARCHAR DEFAULT 'R1' NOT NULL,
	currency VARCHAR DEFAULT 'CNY' NOT NULL,
	rate_ppm INTEGER,
	term_days INTEGER,
	minimum_minor INTEGER,
	audience TEXT,
	on_sale_from DATE,
	on_sale_until DATE,
	source VARCHAR DEFAULT '' NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (code)
);
CREATE TABLE scan_state (
	id INTEGER NOT NULL,
	rule_code VARCHAR NOT NULL,
	through_on DATE NOT NULL,
	ran_at INTEGER NOT NULL,
	raised INTEGER DEFAULT 0 NOT NULL,
	milliseconds INTEGER DEFAULT 0 NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (rule_code)
);
CREATE TABLE search_document (
	document INTEGER NOT NULL,
	customer_id INTEGER NOT NULL,
	index_rowid INTEGER DEFAULT 0 NOT NULL,
	PRIMARY KEY (document),
	UNIQUE (customer_id)
);
CREATE TABLE setting (
	id INTEGER NOT NULL,
	"key" VARCHAR NOT NULL,
	value TEXT,
	valid_from DATE NOT NULL,
	source VARCHAR DEFAULT '' NOT NULL,
	PRIMARY KEY (id),
	UNIQUE ("key", valid_from)
);
CREATE TABLE tag (
	id INTEGER NOT NULL,
	name VARCHAR NOT NULL,
	made_by_rule BOOLEAN DEFAULT 0 NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (name)
);
CREATE TABLE tier (
	id INTEGER NOT NULL,
	code VARCHAR NOT NULL,
	label_id VARCHAR NOT NULL,
	"order" INTEGER NOT NULL,
	cadence_days INTEGER NOT NULL,
	minimum_assets_minor INTEGER DEFAULT 0 NOT NULL,
	points INTEGER DEFAULT 0 NOT NULL,
	source VARCHAR DEFAULT '' NOT NULL,
	valid_from DATE NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (code, valid_from)
);
CREATE TABLE vault_fact (
	"key" VARCHAR NOT NULL,
	value VARCHAR NOT NULL,
	PRIMARY KEY ("key")
);
CREATE TABLE officer (
	id INTEGER NOT NULL,
	login VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	role TEXT NOT NULL,
	branch_id INTEGER NOT NULL,
	team VARCHAR DEFAULT '' NOT NULL,
	employee_number VARCHAR DEFAULT '' NOT NULL,
	phone VARCHAR DEFAULT '' NOT NULL,
	active BOOLEAN DEFAULT 1 NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (login),
	FOREIGN KEY(branch_id) REFERENCES branch (id)
);
CREATE TABLE customer (
	id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	number VARCHAR,
	name VARCHAR NOT NULL,
	name_sort VARCHAR DEFAULT '' NOT NULL,
	other_name VARCHAR DEFAULT '' NOT NULL,
	status TEXT DEFAULT 'active' NOT NULL,
	branch_id INTEGER NOT NULL,
	owner_id INTEGER,
	tier VARCHAR DEFAULT 'standard' NOT NULL,
	segment VARCHAR DEFAULT '' NOT NULL,
	opened_on DATE,
	source VARCHAR DEFAULT '' NOT NULL,
	collected_via VARCHAR DEFAULT '' NOT NULL,
	pinned_note VARCHAR DEFAULT '' NOT NULL,
	special_care VARCHAR DEFAULT '' NOT NULL,
	do_not_call BOOLEAN DEFAULT 0 NOT NULL,
	language VARCHAR DEFAULT '' NOT NULL,
	gender TEXT,
	born_on DATE,
	id_type TEXT,
	id_number VARCHAR,
	id_expires_on DATE,
	nationality VARCHAR DEFAULT '' NOT NULL,
	marital_status VARCHAR DEFAULT '' NOT NULL,
	education VARCHAR DEFAULT '' NOT NULL,
	occupation VARCHAR DEFAULT '' NOT NULL,
	employer VARCHAR DEFAULT '' NOT NULL,
	income_band VARCHAR DEFAULT '' NOT NULL,
	annual_income_minor INTEGER,
	division_code VARCHAR DEFAULT '' NOT NULL,
	address VARCHAR DEFAULT '' NOT NULL,
	postal_code VARCHAR DEFAULT '' NOT NULL,
	credit_code VARCHAR,
	legal_representative VARCHAR DEFAULT '' NOT NULL,
	legal_representative_id VARCHAR,
	registered_capital_minor INTEGER,
	founded_on DATE,
	industry VARCHAR DEFAULT '' NOT NULL,
	employee_count INTEGER,
	business_scope VARCHAR DEFAULT '' NOT NULL,
	operating_notes VARCHAR DEFAULT '' NOT NULL,
	cooperation_since DATE,
	prospect_interest VARCHAR DEFAULT '' NOT NULL,
	prospect_feedback VARCHAR DEFAULT '' NOT NULL,
	risk_class TEXT,
	risk_tolerance TEXT,
	risk_assessed_on DATE,
	reviewed_on DATE,
	data_as_of DATE,
	last_contact_on DATE,
	contact_count INTEGER DEFAULT 0 NOT NULL,
	cadence_days INTEGER,
	cadence_anchor_on DATE NOT NULL,
	value_score INTEGER,
	loyalty_score INTEGER,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	revision INTEGER DEFAULT 1 NOT NULL,
	batch_id INTEGER,
	batch_line INTEGER,
	merged_into_id INTEGER,
	PRIMARY KEY (id),
	UNIQUE (number),
	FOREIGN KEY(branch_id) REFERENCES branch (id),
	FOREIGN KEY(owner_id) REFERENCES officer (id)
);
CREATE INDEX ix_customer_batch ON customer (batch_id);
CREATE INDEX ix_customer_cadence ON customer (tier, cadence_anchor_on, owner_id, status, do_not_call, cadence_days) WHERE status = 'active' AND do_not_call = 0 AND cadence_days IS NULL;
CREATE INDEX ix_customer_contact ON customer (status, last_contact_on);
CREATE INDEX ix_customer_credit_code ON customer (credit_code);
CREATE INDEX ix_customer_do_not_call ON customer (owner_id) WHERE do_not_call = 1;
CREATE INDEX ix_customer_id_expires_on ON customer (id_expires_on);
CREATE INDEX ix_customer_id_number ON customer (id_number);
CREATE INDEX ix_customer_own_cadence ON customer (cadence_anchor_on, cadence_days, owner_id, status, do_not_call) WHERE status = 'active' AND do_not_call = 0 AND cadence_days IS NOT NULL;
CREATE INDEX ix_customer_owner ON customer (owner_id, status, name_sort);
CREATE INDEX ix_customer_sort ON customer (status, name_sort);
CREATE TABLE draft (
	id INTEGER NOT NULL,
	officer_id INTEGER NOT NULL,
	form VARCHAR NOT NULL,
	subject_id INTEGER DEFAULT 0 NOT NULL,
	"values" TEXT,
	saved_at INTEGER NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (officer_id, form, subject_id),
	FOREIGN KEY(officer_id) REFERENCES officer (id)
);
CREATE TABLE import_batch (
	id INTEGER NOT NULL,
	kind VARCHAR NOT NULL,
	file_name VARCHAR NOT NULL,
	file_sha256 VARCHAR NOT NULL,
	profile VARCHAR DEFAULT '' NOT NULL,
	mapping TEXT,
	officer_id INTEGER NOT NULL,
	started_at INTEGER NOT NULL,
	state VARCHAR DEFAULT 'done' NOT NULL,
	rows_read INTEGER DEFAULT 0 NOT NULL,
	created INTEGER DEFAULT 0 NOT NULL,
	updated INTEGER DEFAULT 0 NOT NULL,
	unchanged INTEGER DEFAULT 0 NOT NULL,
	rejected INTEGER DEFAULT 0 NOT NULL,
	rejects_file VARCHAR DEFAULT '' NOT NULL,
	data_as_of DATE,
	change_set_id INTEGER,
	PRIMARY KEY (id),
	FOREIGN KEY(officer_id) REFERENCES officer (id)
);
CREATE TABLE account (
	id INTEGER NOT NULL,
	customer_id INTEGER NOT NULL,
	number VARCHAR NOT NULL,
	type VARCHAR DEFAULT 'current' NOT NULL,
	account_class VARCHAR DEFAULT '' NOT NULL,
	currency VARCHAR DEFAULT 'CNY' NOT NULL,
	balance_minor INTEGER DEFAULT 0 NOT NULL,
	rate_ppm INTEGER,
	opened_on DATE,
	matures_on DATE,
	status VARCHAR DEFAULT 'open' NOT NULL,
	product_id INTEGER,
	data_as_of DATE,
	batch_id INTEGER,
	batch_line INTEGER,
	PRIMARY KEY (id),
	FOREIGN KEY(customer_id) REFERENCES customer (id),
	UNIQUE (number),
	FOREIGN KEY(product_id) REFERENCES product (id)
);
CREATE INDEX ix_account_batch ON account (batch_id);
CREATE INDEX ix_account_customer ON account (customer_id, status);
CREATE INDEX ix_account_matures ON account (matures_on, customer_id);
CREATE TABLE balance_item (
	id INTEGER NOT NULL,
	customer_id INTEGER NOT NULL,
	side VARCHAR NOT NULL,
	category VARCHAR NOT NULL,
	amount_minor INTEGER NOT NULL,
	currency VARCHAR DEFAULT 'CNY' NOT NULL,
	as_of DATE NOT NULL,
	note VARCHAR DEFAULT '' NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(customer_id) REFERENCES customer (id)
);
CREATE INDEX ix_balance_item_customer ON balance_item (customer_id);
CREATE TABLE consent (
	id INTEGER NOT NULL,
	customer_id INTEGER NOT NULL,
	purpose VARCHAR NOT NULL,
	channel VARCHAR DEFAULT '' NOT NULL,
	granted BOOLEAN NOT NULL,
	stated_at INTEGER NOT NULL,
	source VARCHAR DEFAULT '' NOT NULL,
	expires_on DATE,
	PRIMARY KEY (id),
	FOREIGN KEY(customer_id) REFERENCES customer (id)
);
CREATE INDEX ix_consent_customer ON consent (customer_id, purpose, channel, stated_at);
CREATE TABLE contact_channel (
	id INTEGER NOT NULL,
	customer_id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	value VARCHAR NOT NULL,
	normalized VARCHAR NOT NULL,
	label VARCHAR DEFAULT '' NOT NULL,
	preferred BOOLEAN DEFAULT 0 NOT NULL,
	do_not_use BOOLEAN DEFAULT 0 NOT NULL,
	batch_id INTEGER,
	PRIMARY KEY (id),
	FOREIGN KEY(customer_id) REFERENCES customer (id)
);
CREATE INDEX ix_channel_customer ON contact_channel (customer_id, kind, preferred, normalized);
CREATE INDEX ix_channel_normalized ON contact_channel (normalized, customer_id);
CREATE TABLE custom_value (
	id INTEGER NOT NULL,
	customer_id INTEGER NOT NULL,
	field_id INTEGER NOT NULL,
	value VARCHAR NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (customer_id, field_id),
	FOREIGN KEY(customer_id) REFERENCES customer (id),
	FOREIGN KEY(field_id) REFERENCES custom_field (id)
);
CREATE TABLE customer_tag (
	id INTEGER NOT NULL,
	customer_id INTEGER NOT NULL,
	tag_id INTEGER NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (customer_id, tag_id),
	FOREIGN KEY(customer_id) REFERENCES customer (id),
	FOREIGN KEY(tag_id) REFERENCES tag (id)
);
CREATE INDEX ix_customer_tag_tag ON customer_tag (tag_id);
CREATE TABLE document (
	id INTEGER NOT NULL,
	customer_id INTEGER NOT NULL,
	kind VARCHAR NOT NULL,
	number VARCHAR,
	issued_on DATE,
	expires_on DATE,
	copy_held_at VARCHAR DEFAULT '' NOT NULL,
	seen_by_id INTEGER,
	seen_on DATE,
	note VARCHAR DEFAULT '' NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(customer_id) REFERENCES customer (id),
	FOREIGN KEY(seen_by_id) REFERENCES officer (id)
);
CREATE INDEX ix_document_customer ON document (customer_id);
CREATE INDEX ix_document_expiry ON document (expires_on, customer_id);
CREATE TABLE financial_statement (
	id INTEGER NOT NULL,
	customer_id INTEGER NOT NULL,
	period VARCHAR NOT NULL,
	currency VARCHAR DEFAULT 'CNY' NOT NULL,
	revenue_minor INTEGER,
	profit_minor INTEGER,
	assets_minor INTEGER,
	liabilities_minor INTEGER,
	source VARCHAR DEFAULT '' NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (customer_id, period),
	FOREIGN KEY(customer_id) REFERENCES customer (id)
);
CREATE TABLE followup (
	id INTEGER NOT NULL,
	customer_id INTEGER NOT NULL,
	rule_code VARCHAR NOT NULL,
	period VARCHAR NOT NULL,
	title VARCHAR DEFAULT '' NOT NULL,
	note VARCHAR DEFAULT '' NOT NULL,
	owner_id INTEGER,
	state TEXT DEFAULT 'open' NOT NULL,
	single_open BOOLEAN DEFAULT 0 NOT NULL,
	due_on DATE NOT NULL,
	due_at INTEGER,
	due_revision INTEGER DEFAULT 0 NOT NULL,
	defer_until DATE,
	snooze_until INTEGER,
	minutes INTEGER DEFAULT 6 NOT NULL,
	attempts INTEGER DEFAULT 0 NOT NULL,
	maximum_attempts INTEGER DEFAULT 4 NOT NULL,
	last_attempt_at INTEGER,
	disposition VARCHAR DEFAULT '' NOT NULL,
	closing_reason VARCHAR DEFAULT '' NOT NULL,
	closed_at INTEGER,
	closed_by_id INTEGER,
	origin_interaction_id INTEGER,
	raised_at INTEGER NOT NULL,
	told_at INTEGER,
	statutory BOOLEAN DEFAULT 0 NOT NULL,
	score INTEGER DEFAULT 0 NOT NULL,
	terms TEXT,
	ranked_on DATE,
	PRIMARY KEY (id),
	UNIQUE (rule_code, customer_id, period),
	FOREIGN KEY(customer_id) REFERENCES customer (id),
	FOREIGN KEY(owner_id) REFERENCES officer (id)
);
CREATE INDEX ix_followup_customer ON followup (customer_id, state, due_on);
CREATE INDEX ix_followup_parked ON followup (defer_until) WHERE state = 'parked';
CREATE INDEX ix_followup_queue ON followup (owner_id, due_on, statutory, score, due_at, defer_until, snooze_until, minutes, rule_code, customer_id) WHERE state = 'open';
CREATE INDEX ix_followup_ranked ON followup (ranked_on) WHERE state = 'open';
CREATE INDEX ix_followup_tell ON followup (coalesce(snooze_until, due_at), owner_id) WHERE state = 'open' AND told_at IS NULL;
CREATE UNIQUE INDEX ux_followup_single_open ON followup (rule_code, customer_id) WHERE state = 'open' AND single_open = 1;
CREATE TABLE important_date (
	id INTEGER NOT NULL,
	customer_id INTEGER NOT NULL,
	kind VARCHAR DEFAULT 'birthday' NOT NULL,
	calendar TEXT DEFAULT 'solar' NOT NULL,
	month INTEGER NOT NULL,
	day INTEGER NOT NULL,
	year INTEGER,
	"key" VARCHAR NOT NULL,
	label VARCHAR DEFAULT '' NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(customer_id) REFERENCES customer (id)
);
CREATE INDEX ix_important_date_customer ON important_date (customer_id);
CREATE INDEX ix_important_date_key ON important_date ("key", customer_id);
CREATE TABLE interaction (
	id INTEGER NOT NULL,
	customer_id INTEGER NOT NULL,
	officer_id INTEGER,
	channel TEXT NOT NULL,
	way TEXT DEFAULT 'outgoing' NOT NULL,
	at INTEGER NOT NULL,
	contact_on DATE NOT NULL,
	subject VARCHAR DEFAULT '' NOT NULL,
	notes VARCHAR DEFAULT '' NOT NULL,
	outcome VARCHAR NOT NULL,
	reached BOOLEAN DEFAULT 0 NOT NULL,
	satisfaction INTEGER,
	needs TEXT,
	minutes INTEGER,
	next_kind TEXT,
	next_on DATE,
	next_at INTEGER,
	next_note VARCHAR DEFAULT '' NOT NULL,
	no_next_reason VARCHAR DEFAULT '' NOT NULL,
	followup_id INTEGER,
	case_id INTEGER,
	recorded_at INTEGER NOT NULL,
	form_key VARCHAR,
	batch_id INTEGER,
	batch_line INTEGER,
	PRIMARY KEY (id),
	FOREIGN KEY(customer_id) REFERENCES customer (id),
	FOREIGN KEY(officer_id) REFERENCES officer (id),
	UNIQUE (form_key)
);
CREATE INDEX ix_interaction_batch ON interaction (batch_id);
CREATE INDEX ix_interaction_customer ON interaction (customer_id, at);
CREATE INDEX ix_interaction_officer ON interaction (officer_id, at);
CREATE INDEX ix_interaction_promise ON interaction (next_kind, next_on, customer_id) WHERE next_kind IS NOT NULL;
CREATE TABLE relation (
	id INTEGER NOT NULL,
	customer_id INTEGER NOT NULL,
	other_customer_id INTEGER,
	other_name VARCHAR DEFAULT '' NOT NULL,
	kind VARCHAR NOT NULL,
	role VARCHAR DEFAULT '' NOT NULL,
	share_percent INTEGER,
	phone VARCHAR DEFAULT '' NOT NULL,
	note VARCHAR DEFAULT '' NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(customer_id) REFERENCES customer (id),
	FOREIGN KEY(other_customer_id) REFERENCES customer (id)
);
CREATE INDEX ix_relation_customer ON relation (customer_id);
CREATE INDEX ix_relation_other ON relation (other_customer_id);
CREATE TABLE service_case (
	id INTEGER NOT NULL,
	customer_id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	channel VARCHAR DEFAULT '' NOT NULL,
	subject VARCHAR NOT NULL,
	description VARCHAR DEFAULT '' NOT NULL,
	state TEXT DEFAULT 'recorded' NOT NULL,
	handler_id INTEGER,
	opened_on DATE NOT NULL,
	due_on DATE,
	contacted_on DATE,
	resolved_on DATE,
	closed_on DATE,
	root_cause VARCHAR DEFAULT '' NOT NULL,
	prevention VARCHAR DEFAULT '' NOT NULL,
	apology_given BOOLEAN DEFAULT 0 NOT NULL,
	compensation_minor INTEGER,
	satisfaction INTEGER,
	PRIMARY KEY (id),
	FOREIGN KEY(customer_id) REFERENCES customer (id),
	FOREIGN KEY(handler_id) REFERENCES officer (id)
);
CREATE INDEX ix_case_customer ON service_case (customer_id, opened_on);
CREATE INDEX ix_case_state ON service_case (state, due_on);
CREATE TABLE account_holder (
	id INTEGER NOT NULL,
	account_id INTEGER NOT NULL,
	customer_id INTEGER NOT NULL,
	role VARCHAR DEFAULT 'authorised' NOT NULL,
	batch_id INTEGER,
	PRIMARY KEY (id),
	UNIQUE (account_id, customer_id),
	FOREIGN KEY(account_id) REFERENCES account (id),
	FOREIGN KEY(customer_id) REFERENCES customer (id)
);
CREATE INDEX ix_account_holder_customer ON account_holder (customer_id);
CREATE TABLE account_transaction (
	id INTEGER NOT NULL,
	account_id INTEGER NOT NULL,
	reference VARCHAR,
	booked_on DATE NOT NULL,
	booked_time VARCHAR,
	direction TEXT NOT NULL,
	amount_minor INTEGER NOT NULL,
	currency VARCHAR DEFAULT 'CNY' NOT NULL,
	balance_after_minor INTEGER,
	kind VARCHAR DEFAULT '' NOT NULL,
	category VARCHAR DEFAULT '' NOT NULL,
	counterparty VARCHAR DEFAULT '' NOT NULL,
	channel VARCHAR DEFAULT '' NOT NULL,
	memo VARCHAR DEFAULT '' NOT NULL,
	batch_id INTEGER,
	batch_line INTEGER,
	PRIMARY KEY (id),
	FOREIGN KEY(account_id) REFERENCES account (id),
	UNIQUE (reference)
);
CREATE INDEX ix_transaction_account ON account_transaction (account_id, booked_on);
CREATE VIRTUAL TABLE search_name USING fts5(
	tokens, content='', contentless_delete=1, tokenize='ascii', detail=none, prefix='2 3 4 5 6 7'
);
CREATE VIRTUAL TABLE search_number USING fts5(
	tokens, content='', contentless_delete=1, tokenize='ascii', detail=none
);
CREATE TRIGGER ledger_keeps_its_entries BEFORE UPDATE ON ledger
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_loses_no_entry BEFORE DELETE ON ledger
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append-only');
END;
