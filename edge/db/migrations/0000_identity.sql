CREATE TABLE `bootstrap_steps` (
	`name` text PRIMARY KEY NOT NULL,
	`done_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `credentials` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`domain_id` text NOT NULL,
	`user_id` text,
	`context` text NOT NULL,
	`data` text NOT NULL,
	`secret_hash` text NOT NULL,
	`lease` integer NOT NULL,
	`expires_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `credentials_password` ON `credentials` (`user_id`) WHERE type = 'basic';--> statement-breakpoint
CREATE INDEX `credentials_user` ON `credentials` (`user_id`);--> statement-breakpoint
CREATE INDEX `credentials_domain` ON `credentials` (`domain_id`,`id`);--> statement-breakpoint
CREATE TABLE `domain_origins` (
	`pattern` text NOT NULL,
	`domain_id` text NOT NULL,
	PRIMARY KEY(`pattern`, `domain_id`),
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `domain_origins_domain` ON `domain_origins` (`domain_id`);--> statement-breakpoint
CREATE TABLE `domains` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`parent_id` text,
	`path` text NOT NULL,
	`enable_anonymous` integer NOT NULL,
	`anonymous_expiration` integer NOT NULL,
	`anonymous_capabilities` text NOT NULL,
	`capabilities` text NOT NULL,
	`services` text NOT NULL,
	`settings` text NOT NULL,
	`jurisdiction` text,
	`disabled` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`parent_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `domains_name` ON `domains` (`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `domains_path` ON `domains` (`path`);--> statement-breakpoint
CREATE INDEX `domains_parent` ON `domains` (`parent_id`);--> statement-breakpoint
CREATE TABLE `login_failures` (
	`key` text PRIMARY KEY NOT NULL,
	`failures` integer NOT NULL,
	`last_failure_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `login_failures_time` ON `login_failures` (`last_failure_at`);--> statement-breakpoint
CREATE TABLE `logins` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`user_id` text NOT NULL,
	`domain_id` text NOT NULL,
	`credential_id` text,
	`has_hub` integer NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`access_expires_at` integer NOT NULL,
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `logins_user` ON `logins` (`user_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `logins_domain` ON `logins` (`domain_id`);--> statement-breakpoint
CREATE INDEX `logins_credential` ON `logins` (`credential_id`);--> statement-breakpoint
CREATE INDEX `logins_expiry` ON `logins` (`expires_at`);--> statement-breakpoint
CREATE TABLE `refresh_tokens` (
	`hash` text PRIMARY KEY NOT NULL,
	`login_id` text NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	FOREIGN KEY (`login_id`) REFERENCES `logins`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `refresh_tokens_login` ON `refresh_tokens` (`login_id`);--> statement-breakpoint
CREATE INDEX `refresh_tokens_expiry` ON `refresh_tokens` (`expires_at`);--> statement-breakpoint
CREATE TABLE `revocations` (
	`login_id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`jurisdiction` text,
	`revoked_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`hub_pending` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `revocations_time` ON `revocations` (`revoked_at`);--> statement-breakpoint
CREATE INDEX `revocations_expiry` ON `revocations` (`expires_at`);--> statement-breakpoint
CREATE INDEX `revocations_pending` ON `revocations` (`revoked_at`) WHERE hub_pending = 1;--> statement-breakpoint
CREATE TABLE `signing_keys` (
	`slot` integer PRIMARY KEY NOT NULL,
	`kid` text NOT NULL,
	`public_jwk` text NOT NULL,
	`sealed_private_jwk` text NOT NULL,
	`activates_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`domain_id` text NOT NULL,
	`username` text NOT NULL,
	`email` text NOT NULL,
	`role` text NOT NULL,
	`capabilities` text NOT NULL,
	`mobile_phone` text NOT NULL,
	`land_line_number` text NOT NULL,
	`alias` text NOT NULL,
	`search` text NOT NULL,
	`disabled` integer NOT NULL,
	`has_hub` integer NOT NULL,
	`created_at` integer NOT NULL,
	`last_login` integer,
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_name` ON `users` (`domain_id`,`username`);--> statement-breakpoint
CREATE INDEX `users_role` ON `users` (`role`);