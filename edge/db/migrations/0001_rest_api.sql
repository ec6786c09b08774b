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
CREATE TABLE `outgoing_events` (
	`id` text PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`domain_id` text NOT NULL,
	`path` text NOT NULL,
	`type` text NOT NULL,
	`data` text NOT NULL,
	`occurred_at` integer NOT NULL,
	`delivered_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `outgoing_events_domain` ON `outgoing_events` (`domain_id`,`seq`);--> statement-breakpoint
CREATE INDEX `outgoing_events_pending` ON `outgoing_events` (`domain_id`,`seq`) WHERE delivered_at is null;--> statement-breakpoint
ALTER TABLE `credentials` ADD `revision` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `domains` ADD `revision` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `revision` integer DEFAULT 1 NOT NULL;