import type { Dispatcher } from '#edge/objects/Dispatcher.ts'
import type { Ledger } from '#edge/objects/Ledger.ts'
import type { MediaHost } from '#edge/objects/MediaHost.ts'
import type { Room } from '#edge/objects/Room.ts'
import type { UserHub } from '#edge/objects/UserHub.ts'

/** Bindings of wrangler.toml, plus secrets. Only types are imported here, so nothing depends on the objects at run time. */
export interface Env {
  readonly USER_HUB: DurableObjectNamespace<UserHub>
  readonly ROOM: DurableObjectNamespace<Room>
  readonly DISPATCHER: DurableObjectNamespace<Dispatcher>
  readonly MEDIA_HOST: DurableObjectNamespace<MediaHost>
  readonly LEDGER: DurableObjectNamespace<Ledger>
  readonly DB: D1Database
  readonly OBJECTS: R2Bucket
  readonly OUTGOING: Queue
  readonly ASSETS: Fetcher

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
  /** Accounts created at first start, JSON `[{"username","password","displayName"}]`. */
  readonly RINGWAY_DEMO_ACCOUNTS?: string

  // Secrets.
  /** Password of the first admin; needed only until it exists. */
  readonly RINGWAY_ADMIN_PASSWORD?: string
  /** 32 bytes, base64: encrypts stored secrets and signing keys. */
  readonly RINGWAY_MASTER_KEY: string
  /** Exchanged once per media host for its own key. */
  readonly RINGWAY_ENROLMENT_SECRET: string
}
