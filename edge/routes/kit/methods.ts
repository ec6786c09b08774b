import type { Hono } from 'hono'
import type { AppEnv } from './app-env.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** The methods that some route has for a path (RFC 9110 §10.2.1). Middlewares stand for all of them, and end with a star. */
export function methodsOf(app: Hono<AppEnv>, path: string): string[] {
  const known = methods.filter((method) => {
    const [handlers] = app.router.match(method, path)
    return handlers.some(([[, route]]) => route.method === method && !route.path.endsWith('*'))
  })
  // Hono answers HEAD by the route of GET.
  return known.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
}
