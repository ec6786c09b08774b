import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { Request as WapiRequest } from '#shared/protocol/wapi/frames.ts'
import { hubOperations, type SessionSnapshot } from '#shared/protocol/wapi/hub.ts'
import { matchOperation, type RequestOf, type ResponseOf } from '#shared/protocol/wapi/operation.ts'
import { hubPolicySchema } from '#edge/domain/forwarding.ts'
import { declineInvite } from '#edge/domain/hub/invites.ts'
import { closeSession, findSession, openSession, updateContext } from '#edge/domain/hub/sessions.ts'
import type { Owner } from '#edge/domain/hub/state.ts'
import { snapshotOf } from '#edge/domain/hub/views.ts'
import type { Identity } from '#edge/domain/identity.ts'
import type { Answer, AnswerLog } from '../kit/AnswerLog.ts'
import type { ClientConnection } from '../kit/ClientConnection.ts'
import type { HubStore } from './HubStore.ts'

type Operations = typeof hubOperations

export interface HubRequestsOptions {
  readonly store: HubStore
  readonly answers: AnswerLog
  /** Notes that the user's hub exists; cheap when it was noted before. */
  readonly markHubCreated: (userId: string) => Promise<void>
  readonly verifyAccessToken: (token: string) => Promise<Identity>
}

/** Answers what a user's devices ask on the hub socket. */
export class HubRequests {
  readonly #options: HubRequestsOptions
  /** By connection, while its session is being opened: what a client sends right behind waits for it. */
  readonly #opening = new Map<string, Promise<unknown>>()

  constructor(options: HubRequestsOptions) {
    this.#options = options
  }

  async answer(connection: ClientConnection, request: WapiRequest): Promise<Answer> {
    const { name, params } = matchOperation(hubOperations, request)
    if (name === 'openSession')
      return { status: 200, body: await this.#openOnce(connection, hubOperations.openSession.request.parse(request.body)) }
    await this.#opening.get(connection.connectionId)?.catch(() => undefined)
    const sessionId = this.#sessionOf(connection)
    if (params['sessionId'] !== undefined && params['sessionId'] !== sessionId) throw new AppError('notFound')
    switch (name) {
      case 'getSession':
        return { status: 200, body: this.#snapshot(sessionId) }
      case 'updateSession':
        return { status: 200, body: await this.#update(connection, sessionId, hubOperations.updateSession.request.parse(request.body)) }
      case 'closeSession':
        return { status: 200, body: this.#close(connection, sessionId) }
      case 'declineInvite':
        return this.#options.answers.once({ sessionId, id: request.id }, async () => this.#decline(params['inviteId'] ?? ''))
    }
  }

  async #openOnce(
    connection: ClientConnection,
    body: RequestOf<Operations['openSession']>,
  ): Promise<ResponseOf<Operations['openSession']>> {
    const { connectionId } = connection
    const opened = this.#open(connection, body)
    this.#opening.set(connectionId, opened)
    try {
      return await opened
    } finally {
      if (this.#opening.get(connectionId) === opened) this.#opening.delete(connectionId)
    }
  }

  async #open(connection: ClientConnection, body: RequestOf<Operations['openSession']>): Promise<ResponseOf<Operations['openSession']>> {
    const { store, answers, markHubCreated } = this.#options
    const { identity } = connection
    // From now on others may ring this hub; before, they were told that the user is offline.
    if (store.state.owner === null) await markHubCreated(identity.userId)
    const sessionId = body.sessionId ?? newId()
    const isKnown = findSession(store.state, sessionId) !== undefined
    connection.bind({ sessionId })
    const change = openSession(
      store.state,
      { sessionId, owner: ownerOf(connection), loginId: identity.loginId, context: body.context },
      store.clock.now(),
    )
    if (!change.ok) throw new AppError(change.error)
    store.apply(change.value)
    // A client that has lost its state sends none of its old requests again.
    if (body.lastSeq === undefined) answers.forget(sessionId)
    const missed = isKnown && body.lastSeq !== undefined ? store.log(sessionId).since(body.lastSeq) : undefined
    for (const event of missed ?? []) connection.send(event)
    return { resumed: missed !== undefined, snapshot: this.#snapshot(sessionId) }
  }

  async #update(
    connection: ClientConnection,
    sessionId: string,
    body: RequestOf<Operations['updateSession']>,
  ): Promise<ResponseOf<Operations['updateSession']>> {
    const { store, verifyAccessToken } = this.#options
    if (body.token !== undefined) {
      const { identity } = connection
      const fresh = await verifyAccessToken(body.token)
      if (fresh.userId !== identity.userId || fresh.loginId !== identity.loginId) throw new AppError('forbidden')
      connection.renew(fresh)
    }
    if (body.context !== undefined) store.apply(updateContext(store.state, sessionId, body.context))
    return { expiresAt: connection.identity.tokenExpiresAt }
  }

  /** The connection stays, without a session, until its client closes it. */
  #close(connection: ClientConnection, sessionId: string): ResponseOf<Operations['closeSession']> {
    const { store } = this.#options
    connection.unbind()
    store.apply(closeSession(store.state, sessionId, store.clock.now()))
    return {}
  }

  async #decline(inviteId: string): Promise<Answer> {
    const { store } = this.#options
    const change = declineInvite(store.state, inviteId)
    if (!change.ok) throw new AppError(change.error)
    store.apply(change.value)
    return { status: 200, body: {} }
  }

  /** @throws AppError `sessionRequired` */
  #sessionOf({ sessionId }: ClientConnection): string {
    if (sessionId === null || findSession(this.#options.store.state, sessionId) === undefined) throw new AppError('sessionRequired')
    return sessionId
  }

  #snapshot(sessionId: string): SessionSnapshot {
    const { store } = this.#options
    const session = findSession(store.state, sessionId)
    const { owner } = store.state
    if (session === undefined || owner === null) throw new AppError('sessionRequired')
    return snapshotOf(store.state, { session, owner, seq: store.log(sessionId).seq })
  }
}

function ownerOf({ identity, data }: ClientConnection): Owner {
  const { capabilities } = hubPolicySchema.parse(data['policy'])
  const { userId, domainId, username, displayName, role } = identity
  return { userId, domainId, username, ...(displayName === undefined ? {} : { displayName }), role, capabilities }
}
