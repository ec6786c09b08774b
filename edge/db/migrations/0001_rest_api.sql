CREATE TABLE `outgoing_events` (
	`id` text PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`domain_id` text NOT NULL,
	`type` text NOT NULL,
	`data` text NOT NULL,
	`occurred_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `outgoing_events_domain` ON `outgoing_events` (`domain_id`,`seq`);--> statement-breakpoint
ALTER TABLE `credentials` ADD `revision` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `domains` ADD `revision` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `revision` integer DEFAULT 1 NOT NULL;