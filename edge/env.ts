import type { Dispatcher } from '#edge/objects/Dispatcher.ts'
import type { Ledger } from '#edge/objects/Ledger.ts'
import type { MediaHost } from '#edge/objects/MediaHost.ts'
import type { Quota } from '#edge/objects/Quota.ts'
import type { Room } from '#edge/objects/Room.ts'
import type { UserHub } from '#edge/objects/UserHub.ts'
import type { Webhook } from '#edge/objects/Webhook.ts'

/** Bindings of wrangler.toml, plus secrets. Only types are imported here, so nothing depends on the objects at run time. */
export interface Env {
  readonly USER_HUB: DurableObjectNamespace<UserHub>
  readonly ROOM: DurableObjectNamespace<Room>
  readonly DISPATCHER: DurableObjectNamespace<Dispatcher>
  readonly MEDIA_HOST: DurableObjectNamespace<MediaHost>
  readonly LEDGER: DurableObjectNamespace<Ledger>
  readonly WEBHOOK: DurableObjectNamespace<Webhook>
  readonly QUOTA: DurableObjectNamespace<Quota>
  readonly DB: D1Database
  readonly OBJECTS: R2Bucket
  readonly OUTGOING: Queue
  readonly ASSETS: Fetcher
  /** Per address, each key of its own (edge/services/entry/address-limits.ts). */
  readonly API_LIMITER: RateLimit
  readonly WEB_LIMITER: RateLimit

  /** Name of the domain that always exists. */
  readonly RINGWAY_DEFAULT_DOMAIN: string
  /** `username@domain` of the first platform admin. */
  readonly RINGWAY_ADMIN: string
  readonly RINGWAY_LOG_LEVEL?: string
  /** Milliseconds that a session outlives its connection; 60000 where absent. */
  readonly RINGWAY_SESSION_TTL?: string
  /** Region of the fleet that rooms prefer. */
  readonly RINGWAY_REGION?: string
  /** Deployment-wide settings layer, JSON (shared/protocol/settings.ts). */
  readonly RINGWAY_SETTINGS?: string
  /** Public URL of the deployment, without trailing slash: `iss` of its tokens. The request's own origin where absent. */
  readonly RINGWAY_ISSUER?: string
  /**
   * Header in which whatever stands in front of the Worker tells the client's address; `cf-connecting-ip` where absent.
   * `none`: nothing stands in front, and only this machine can connect.
   */
  readonly RINGWAY_ADDRESS_HEADER?: string
  /** Own proxies that add to that header, where it is a list such as `X-Forwarded-For`; 1 where absent. */
  readonly RINGWAY_ADDRESS_HOPS?: string
  /** `1`: the limits per address hold for this machine too. */
  readonly RINGWAY_LIMIT_LOOPBACK?: string
  /** Whose pages may call the APIs, whatever the domain: hosts or patterns, parted by `|`, or one regular expression. */
  readonly RINGWAY_CORS_ORIGINS?: string
  /** `1`: clients that are registered for it may use the implicit grant, which RFC 9700 advises against. */
  readonly RINGWAY_OAUTH_IMPLICIT?: string
  /** Accounts created at first start, JSON `[{"username","password","displayName"}]`. */
  readonly RINGWAY_DEMO_ACCOUNTS?: string
  /** `1`: URLs that admins write down (login providers, webhooks) may be plain http on this machine. For labs. */
  readonly RINGWAY_ALLOW_LOOPBACK_URLS?: string

  // Secrets.
  /** Login providers for all domains, JSON (shared/protocol/sapi/federation.ts); it holds their client secrets. */
  readonly RINGWAY_OAUTH_PROVIDERS?: string
  /** Password of the first admin; needed only until it exists. */
  readonly RINGWAY_ADMIN_PASSWORD?: string
  /** 32 bytes, base64: encrypts stored secrets and signing keys. */
  readonly RINGWAY_MASTER_KEY: string
  /** Exchanged once per media host for its own key. */
  readonly RINGWAY_ENROLMENT_SECRET: string
}
