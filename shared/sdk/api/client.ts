import type { Logger } from '#shared/log/logger.ts'
import type { InviteEndReason, SessionContext } from '#shared/protocol/wapi/hub.ts'
import type { MediaEngine } from '../media/MediaEngine.ts'
import type { RingwayError } from '../RingwayError.ts'
import type { Call, CallEndReason, MicrophoneOptions, VideoOptions } from './call.ts'
import type { IncomingCall } from './incoming-call.ts'

/** `Storage` of the DOM fits. */
export interface KeyValueStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** The constructor of a W3C WebSocket: the global one, or one of a library that behaves like it. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocket

export interface ClientOptions {
  /** Base address of the deployment, such as `https://calls.example.com`. */
  readonly url: string
  /**
   * Keeps the session's id and what its calls publish, so that a reload resumes them. It must be the page's
   * own: two pages with one session take it from each other. Default: `sessionStorage` in browsers, else memory.
   */
  readonly storage?: KeyValueStorage
  /** Keeps the tokens. Default: `storage`. With `localStorage` the tabs of one browser share a login. */
  readonly tokenStorage?: KeyValueStorage
  readonly webSocket?: WebSocketConstructor
  readonly fetch?: typeof fetch
  /** Default: `BrowserMedia`, loaded with the first call. Needed outside browsers to have media. */
  readonly media?: MediaEngine
  readonly logger?: Logger
  /** `auto` (default) falls back to HTTP where a WebSocket cannot be had. */
  readonly transport?: 'auto' | 'websocket' | 'http'
  /** What the server is told of this device. */
  readonly context?: SessionContext
}

export type Grant =
  | { readonly grantType: 'password'; readonly username: string; readonly password: string }
  | { readonly grantType: 'anonymous'; readonly domain?: string }
  | { readonly grantType: 'client_credentials'; readonly clientId: string; readonly clientSecret: string }
  /** A token of a login provider, which must have been issued for this deployment. */
  | ({ readonly grantType: 'provider_token'; readonly provider: string; readonly token: string } & ProviderTokenOptions)
  /** What `completeLogin()` signs in with. */
  | { readonly grantType: 'federated_code'; readonly code: string; readonly codeVerifier: string }

/** Somebody else who says who a user is, such as the user's company. */
export interface LoginProvider {
  /** What `loginWithProvider` calls it. */
  readonly name: string
  /** What a button says. */
  readonly displayName: string
}

export interface ProviderLoginOptions {
  /** Domain to sign in to. Default: the deployment's own. */
  readonly domain?: string
  /** Where the browser comes back to: a page of the deployment or of an origin of the domain, without fragment. Default: this page. */
  readonly returnTo?: string
}

export interface ProviderTokenOptions {
  /** Default: `id_token`. An access token is taken only where the provider can say for whom it was issued. */
  readonly tokenType?: 'id_token' | 'access_token'
  /** Domain to sign in to. Default: the deployment's own. */
  readonly domain?: string
  /** The one that the ID token was asked for with. */
  readonly nonce?: string
}

export type ClientState = 'signedOut' | 'connecting' | 'online' | 'reconnecting'

export interface Session {
  readonly sessionId: string
  readonly user: { readonly userId: string; readonly username: string; readonly displayName: string; readonly domain: string }
  readonly capabilities: readonly string[]
}

/** `replaced`: the same session connected elsewhere. `unauthenticated`: expired or revoked; log in again. */
export type SessionEndReason = 'signedOut' | 'unauthenticated' | 'forbidden' | 'replaced' | 'ended'

export interface CallOptions {
  /** Whom to ring: `bob`, `bob@example.com` or `wac-user:<id>`; several ring at once, and all who accept are in. */
  readonly to: string | readonly string[]
  /** True by default. */
  readonly audio?: boolean | MicrophoneOptions
  /** False by default. */
  readonly video?: boolean | VideoOptions
  /** Publish the camera in several sizes; false by default. */
  readonly simulcast?: boolean
}

export type JoinOptions = Omit<CallOptions, 'to'>

export interface ClientEvents {
  state: ClientState
  incoming: IncomingCall
  /** `accepted` for an accept on this device, whose `call` follows. */
  incomingEnded: { readonly invite: IncomingCall; readonly reason: InviteEndReason }
  /** This device is in a call: one it made, joined or accepted, or came back to. */
  call: Call
  callEnded: { readonly call: Call; readonly reason: CallEndReason }
  sessionEnded: { readonly reason: SessionEndReason }
  error: RingwayError
}
