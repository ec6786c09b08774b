CREATE TABLE `contacts` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`book` text NOT NULL,
	`domain_id` text NOT NULL,
	`owner_id` text,
	`group_id` text,
	`name` text NOT NULL,
	`phones` text NOT NULL,
	`emails` text NOT NULL,
	`username` text NOT NULL,
	`company` text NOT NULL,
	`note` text NOT NULL,
	`favourite` integer NOT NULL,
	`external_id` text,
	`search` text NOT NULL,
	`sort` text NOT NULL,
	`changed` integer NOT NULL,
	`removed` integer DEFAULT false NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`group_id`) REFERENCES `groups`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `contacts_book` ON `contacts` (`book`,`sort`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `contacts_changed` ON `contacts` (`changed`);--> statement-breakpoint
CREATE INDEX `contacts_book_changed` ON `contacts` (`book`,`changed`);--> statement-breakpoint
CREATE UNIQUE INDEX `contacts_external` ON `contacts` (`book`,`external_id`) WHERE removed = 0;--> statement-breakpoint
CREATE INDEX `contacts_domain` ON `contacts` (`domain_id`);--> statement-breakpoint
CREATE INDEX `contacts_owner` ON `contacts` (`owner_id`);--> statement-breakpoint
CREATE INDEX `contacts_group` ON `contacts` (`group_id`);--> statement-breakpoint
CREATE INDEX `contacts_removed` ON `contacts` (`changed`) WHERE removed = 1;--> statement-breakpoint
CREATE TABLE `federated_codes` (
	`hash` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`provider` text NOT NULL,
	`code_challenge` text NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `federated_codes_expiry` ON `federated_codes` (`expires_at`);--> statement-breakpoint
CREATE TABLE `oauth_identities` (
	`id` text PRIMARY KEY NOT NULL,
	`provider` text NOT NULL,
	`issuer` text NOT NULL,
	`subject` text NOT NULL,
	`user_id` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `oauth_identities_subject` ON `oauth_identities` (`provider`,`issuer`,`subject`,`user_id`);--> statement-breakpoint
CREATE INDEX `oauth_identities_user` ON `oauth_identities` (`user_id`);--> statement-breakpoint
CREATE TABLE `oauth_providers` (
	`id` text PRIMARY KEY NOT NULL,
	`domain_id` text NOT NULL,
	`name` text NOT NULL,
	`display_name` text NOT NULL,
	`issuer` text NOT NULL,
	`client_id` text NOT NULL,
	`sealed_client_secret` text,
	`scopes` text NOT NULL,
	`username_claim` text NOT NULL,
	`email_claim` text NOT NULL,
	`domain_claim` text,
	`enabled` integer NOT NULL,
	`create_oauth_user` integer,
	`oauth_user_forced_domain` text,
	`new_user_caps` text,
	`link_by_verified_email` integer,
	`allowed_audiences` text NOT NULL,
	`keep_tokens` integer NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `oauth_providers_name` ON `oauth_providers` (`domain_id`,`name`);--> statement-breakpoint
CREATE TABLE `third_party_tokens` (
	`user_id` text NOT NULL,
	`provider` text NOT NULL,
	`sealed_access_token` text NOT NULL,
	`sealed_refresh_token` text,
	`expires_at` integer,
	`scope` text NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL,
	`stored_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `provider`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `used_federated_states` (
	`hash` text PRIMARY KEY NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `used_federated_states_expiry` ON `used_federated_states` (`expires_at`);--> statement-breakpoint
CREATE TABLE `group_participants` (
	`group_id` text NOT NULL,
	`user_id` text NOT NULL,
	`joined_at` integer NOT NULL,
	PRIMARY KEY(`group_id`, `user_id`),
	FOREIGN KEY (`group_id`) REFERENCES `groups`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `group_participants_user` ON `group_participants` (`user_id`);--> statement-breakpoint
CREATE TABLE `groups` (
	`id` text PRIMARY KEY NOT NULL,
	`domain_id` text NOT NULL,
	`name` text NOT NULL,
	`search` text NOT NULL,
	`owner_id` text NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `groups_domain` ON `groups` (`domain_id`,`id`);--> statement-breakpoint
CREATE INDEX `groups_owner` ON `groups` (`owner_id`);--> statement-breakpoint
CREATE TABLE `idempotent_requests` (
	`caller` text NOT NULL,
	`key` text NOT NULL,
	`fingerprint` text NOT NULL,
	`sealed_answer` text,
	`started_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`caller`, `key`)
);
--> statement-breakpoint
CREATE INDEX `idempotent_requests_expiry` ON `idempotent_requests` (`expires_at`);--> statement-breakpoint
CREATE TABLE `ims_loans` (
	`credential_id` text PRIMARY KEY NOT NULL,
	`loan_id` text,
	`user_id` text,
	`taken_at` integer NOT NULL,
	`returned_at` integer,
	FOREIGN KEY (`credential_id`) REFERENCES `credentials`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ims_loans_loan` ON `ims_loans` (`loan_id`);--> statement-breakpoint
CREATE INDEX `ims_loans_user` ON `ims_loans` (`user_id`);--> statement-breakpoint
CREATE TABLE `known_networks` (
	`account` text NOT NULL,
	`network` text NOT NULL,
	`seen_at` integer NOT NULL,
	PRIMARY KEY(`account`, `network`)
);
--> statement-breakpoint
CREATE INDEX `known_networks_time` ON `known_networks` (`seen_at`);--> statement-breakpoint
CREATE TABLE `unrecorded_login_failures` (
	`id` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`failure` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `unrecorded_login_failures_time` ON `unrecorded_login_failures` (`at`);--> statement-breakpoint
CREATE TABLE `meeting_users` (
	`meeting_id` text NOT NULL,
	`user_id` text NOT NULL,
	`position` integer NOT NULL,
	PRIMARY KEY(`meeting_id`, `user_id`),
	FOREIGN KEY (`meeting_id`) REFERENCES `meetings`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `meeting_users_user` ON `meeting_users` (`user_id`);--> statement-breakpoint
CREATE TABLE `meetings` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`search` text NOT NULL,
	`participants` text NOT NULL,
	`language` text NOT NULL,
	`valid_since` integer NOT NULL,
	`valid_until` integer NOT NULL,
	`link_key` text NOT NULL,
	`extension` text,
	`pin` text,
	`pin_hash` text,
	`revision` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `meetings_pin` ON `meetings` (`pin_hash`);--> statement-breakpoint
CREATE INDEX `meetings_user` ON `meetings` (`user_id`);--> statement-breakpoint
CREATE INDEX `meetings_time` ON `meetings` (`valid_since`,`id`);--> statement-breakpoint
CREATE TABLE `browser_sessions` (
	`hash` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`credential_id` text,
	`provider` text,
	`auth_time` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`credential_id`) REFERENCES `credentials`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `browser_sessions_user` ON `browser_sessions` (`user_id`);--> statement-breakpoint
CREATE INDEX `browser_sessions_credential` ON `browser_sessions` (`credential_id`);--> statement-breakpoint
CREATE INDEX `browser_sessions_expiry` ON `browser_sessions` (`expires_at`);--> statement-breakpoint
CREATE TABLE `oauth_codes` (
	`hash` text PRIMARY KEY NOT NULL,
	`client_id` text NOT NULL,
	`user_id` text NOT NULL,
	`credential_id` text,
	`provider` text,
	`redirect_uri` text NOT NULL,
	`scope` text NOT NULL,
	`nonce` text,
	`code_challenge` text NOT NULL,
	`auth_time` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	`login_id` text,
	`reused_at` integer,
	FOREIGN KEY (`client_id`) REFERENCES `credentials`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `oauth_codes_client` ON `oauth_codes` (`client_id`);--> statement-breakpoint
CREATE INDEX `oauth_codes_user` ON `oauth_codes` (`user_id`);--> statement-breakpoint
CREATE INDEX `oauth_codes_expiry` ON `oauth_codes` (`expires_at`);--> statement-breakpoint
CREATE TABLE `oauth_consents` (
	`user_id` text NOT NULL,
	`client_id` text NOT NULL,
	`scope` text NOT NULL,
	`granted_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `client_id`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`client_id`) REFERENCES `credentials`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `oauth_consents_client` ON `oauth_consents` (`client_id`);--> statement-breakpoint
CREATE TABLE `used_assertions` (
	`client_id` text NOT NULL,
	`jti` text NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`client_id`, `jti`),
	FOREIGN KEY (`client_id`) REFERENCES `credentials`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `used_assertions_expiry` ON `used_assertions` (`expires_at`);--> statement-breakpoint
CREATE TABLE `outgoing_events` (
	`id` text PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`domain_id` text NOT NULL,
	`path` text NOT NULL,
	`jurisdiction` text,
	`type` text NOT NULL,
	`data` text NOT NULL,
	`occurred_at` integer NOT NULL,
	`delivered_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `outgoing_events_domain` ON `outgoing_events` (`domain_id`,`seq`);--> statement-breakpoint
CREATE INDEX `outgoing_events_pending` ON `outgoing_events` (`domain_id`,`seq`) WHERE delivered_at is null;--> statement-breakpoint
CREATE TABLE `sip_mappings` (
	`id` text PRIMARY KEY NOT NULL,
	`domain_id` text NOT NULL,
	`user_id` text,
	`group_id` text,
	`username` text NOT NULL,
	`user_key` text NOT NULL,
	`sealed_password` text,
	`context` text NOT NULL,
	`lease` integer NOT NULL,
	`expires_at` integer,
	`revision` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`group_id`) REFERENCES `groups`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "sip_mappings_owner" CHECK(("sip_mappings"."user_id" is null) <> ("sip_mappings"."group_id" is null))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sip_mappings_user` ON `sip_mappings` (`user_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `sip_mappings_group` ON `sip_mappings` (`group_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `sip_mappings_key` ON `sip_mappings` (`domain_id`,`user_key`);--> statement-breakpoint
CREATE INDEX `sip_mappings_domain` ON `sip_mappings` (`domain_id`,`id`);--> statement-breakpoint
CREATE INDEX `sip_mappings_expiry` ON `sip_mappings` (`expires_at`);--> statement-breakpoint
CREATE TABLE `user_settings` (
	`id` text PRIMARY KEY NOT NULL,
	`data` text NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL,
	FOREIGN KEY (`id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`domain_id` text NOT NULL,
	`kind` text NOT NULL,
	`url` text NOT NULL,
	`description` text NOT NULL,
	`events` text NOT NULL,
	`include_children` integer NOT NULL,
	`enabled` integer NOT NULL,
	`secret` text NOT NULL,
	`previous_secret` text,
	`previous_until` integer,
	`revision` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `webhooks_domain` ON `webhooks` (`domain_id`,`id`);--> statement-breakpoint
ALTER TABLE `credentials` ADD `sealed_secret` text;--> statement-breakpoint
ALTER TABLE `credentials` ADD `revision` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `credentials_ims` ON `credentials` (`user_id`) WHERE type = 'ims' and user_id is not null;--> statement-breakpoint
CREATE INDEX `credentials_pool` ON `credentials` (`domain_id`) WHERE type = 'ims' and user_id is null;--> statement-breakpoint
ALTER TABLE `domains` ADD `revision` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `logins` ADD `provider` text;--> statement-breakpoint
ALTER TABLE `logins` ADD `client_id` text;--> statement-breakpoint
ALTER TABLE `logins` ADD `scope` text;--> statement-breakpoint
ALTER TABLE `logins` ADD `auth_time` integer;--> statement-breakpoint
CREATE INDEX `logins_client` ON `logins` (`client_id`);--> statement-breakpoint
CREATE INDEX `logins_provider` ON `logins` (`provider`) WHERE provider is not null;--> statement-breakpoint
ALTER TABLE `users` ADD `revision` integer DEFAULT 1 NOT NULL;