import { z } from 'zod'
import type { Operation } from '#shared/protocol/sapi/operation.ts'
import { eventCatalogue, eventTypes } from '#shared/protocol/sapi/events.ts'
import { operations } from '#shared/protocol/sapi/operations.ts'
import { grantTypes } from '#shared/protocol/sapi/oauth.ts'
import { pageQuerySchema } from '#shared/protocol/sapi/paging.ts'
import { roleSchema } from '#shared/protocol/tokens.ts'
import { basePath } from './document.ts'
import { codesOfAll, errorTableMarkdown } from './responses.ts'
import { tags } from './tags.ts'

const limit = z
  .object({ minimum: z.number(), maximum: z.number(), default: z.number() })
  .parse(z.toJSONSchema(pageQuerySchema.shape.limit, { io: 'input' }))

/** `/llms.txt` (llmstxt.org): what a language model, or a person in a hurry, needs to write correct calls. */
export const llmsText = (): string => `# Ringway

> Open WebRTC application controller: tenants (domains), users, calls and conferences in browsers. The REST API under \`${basePath}\` (the same under \`/wac${basePath}\`) configures it and looks things up; calls are made with the JavaScript SDK (\`ringway/sdk\`) over WebSocket.

## Rules
- Base URL: the deployment's origin, such as \`http://127.0.0.1:8787\`. JSON in UTF-8. Times are milliseconds since the epoch. Ids are opaque. In bodies \`domain\` and \`parent\` are names, \`user\` is an id.
- Authentication: \`Authorization: Bearer <access token>\`. \`POST ${basePath}/o/token\` (form or JSON) with \`grant_type\` one of ${grantTypes.map((type) => `\`${type}\``).join(', ')}; answers \`access_token\`, \`expires_in\` (seconds), and mostly \`refresh_token\`, which is good for one use and is replaced by each refresh. \`POST ${basePath}/o/revoke\` ends a login.
- Example: \`curl $URL${basePath}/o/token -d grant_type=password -d username=admin@default -d password=…\`
- Roles, from most to least: ${roleSchema.options.map((role) => `\`${role}\``).join(', ')}. Each operation names the least role. What belongs to another tenant is 404.
- Errors: \`application/problem+json\` with a stable \`code\`, \`retryable\`, \`traceId\`, \`context\`. Decide by \`code\`. Errors of \`${basePath}/o/…\` have \`error\` and \`error_description\` (RFC 6749) beside it.
- Lists: arrays; \`?limit=\` ${limit.minimum}..${limit.maximum} (default ${limit.default}); follow the response header \`Link: <…>; rel="next"\` until there is none. Cursors are opaque.
- PUT replaces (optional fields left out return to defaults). PATCH is a JSON merge patch (RFC 7396): null returns a member to its default, arrays are replaced whole.
- \`If-Match: <ETag>\` on PUT, PATCH, DELETE avoids overwriting another's change (412 \`preconditionFailed\`). \`If-None-Match\` on GET answers 304.
- \`Idempotency-Key: <uuid>\` on POST makes a repetition safe for 24 hours.
- 429 \`rateLimited\` and 503 have \`Retry-After\` in seconds.
- Webhooks are signed by the Standard Webhooks specification; deliveries may repeat: deduplicate by \`webhook-id\`.

## Documents
- [OpenAPI 3.1](${basePath}/openapi.json): every operation with its schemas, errors and examples; generate clients from it
- [Readable documentation](/docs/api/): guide and reference, to try out with a token
- [OAuth metadata](/.well-known/oauth-authorization-server): endpoints and what they support

## Operations
\`method path (least role; what else it needs): what it does\`
${sections()}
## Events of webhooks
Each is \`{id, type, version, timestamp, domainId, stream, seq, data}\`; the shape of \`data\` is in the OpenAPI document.
${eventTypes.map((type) => `- \`${type}\`: ${eventCatalogue[type].summary}`).join('\n')}

## Error codes
${errorTableMarkdown(codesOfAll(Object.values(operations)))}
`

function sections(): string {
  const byTag = Map.groupBy(Object.values<Operation>(operations), ({ tag }) => tag)
  return [...byTag]
    .map(([tag, list]) => `\n### ${tag}\n${tags[tag] === undefined ? '' : `${tags[tag]}\n`}${list.map(lineOf).join('\n')}\n`)
    .join('')
}

function lineOf({ method, path, summary, access, service, capability }: Operation): string {
  const needs = [
    access,
    ...(service === undefined ? [] : [`service ${service}`]),
    ...(capability === undefined ? [] : [`capability ${capability}`]),
  ]
  return `- \`${method.toUpperCase()} ${basePath}${path}\` (${needs.join('; ')}): ${summary}`
}
