import { type CreateUser, type HttpResponse, type Problem, RingwayApi, type User } from './ringway-api.ts'

/**
 * How a tenant's developer uses the generated client. Compiled against it by `tsc --strict` and run against a whole
 * Ringway (rest-client.test.ts).
 */
type Api = RingwayApi<string>

export async function connect(url: string, login: { username: string; password: string }): Promise<Api> {
  const api = new RingwayApi<string>({
    baseUrl: `${url}/sapi`,
    securityWorker: (token) => (token === null ? {} : { headers: { authorization: `Bearer ${token}` } }),
  })
  const { data } = await api.o.getToken({ grant_type: 'password', ...login })
  api.setSecurityData(data.access_token)
  return api
}

export async function createTenant(api: Api, domain: string): Promise<{ domainId: string; users: User[] }> {
  const services = { login: [], contacts: ['wac'], callcontrol: [] }
  const { data } = await api.domains.createDomain({ domain, services }, { headers: { 'Idempotency-Key': crypto.randomUUID() } })
  const users: User[] = []
  for (const username of ['alice', 'bob', 'carol']) users.push((await api.users.createUser({ domain, username, role: 'user' })).data)
  return { domainId: data.id, users }
}

export async function givePassword(api: Api, user: User, password: string): Promise<string> {
  const { data } = await api.credentials.createCredential({ type: 'basic', user: user.id, data: { password } })
  return data.id
}

/** Follows the links from page to page. */
export async function allUsernames(api: Api, domain: string): Promise<{ usernames: string[]; pages: number }> {
  const usernames: string[] = []
  let cursor: string | undefined
  let pages = 0
  do {
    const response: HttpResponse<User[], unknown> = await api.users.listUsers({
      domain,
      limit: 2,
      ...(cursor === undefined ? {} : { cursor }),
    })
    usernames.push(...response.data.map(({ username }) => username))
    const next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
    cursor = next === undefined ? undefined : (new URL(next, response.url).searchParams.get('cursor') ?? undefined)
    pages += 1
  } while (cursor !== undefined)
  return { usernames, pages }
}

/** What the types know of a refusal: its code is one of those that the document lists for the operation. */
type CreateUserError = Awaited<ReturnType<Api['users']['createUser']>>['error']

export async function codeOfDuplicate(api: Api, user: CreateUser): Promise<string> {
  try {
    await api.users.createUser(user)
    throw new TypeError('Nobody minded')
  } catch (thrown) {
    const { error } = thrown as HttpResponse<never, CreateUserError>
    const problem: Problem = error
    if (problem.status !== 409) return error.code ?? 'internal'
    switch (error.code) {
      case 'conflict':
        return 'taken'
      // @ts-expect-error -- No operation knows this code; were codes any text, this would pass.
      case 'no such code':
      default:
        return 'internal'
    }
  }
}

/** Changes an alias over nobody else's change. */
export async function renameOnce(api: Api, user: User): Promise<{ alias: string; second: number }> {
  const { headers } = await api.users.getUser(user.id)
  const condition = { headers: { 'If-Match': headers.get('etag') ?? '' } }
  const { data } = await api.users.updateUser(user.id, { alias: 'Alice A.' }, condition)
  const second = await api.users.updateUser(user.id, { alias: 'Alice B.' }, condition).then(
    ({ status }) => status,
    ({ status }: HttpResponse<unknown, unknown>) => status,
  )
  return { alias: data.alias, second }
}
