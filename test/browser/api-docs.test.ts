import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operations } from '#shared/protocol/sapi/operations.ts'
import { launchBrowser } from '#test/support/Phone.ts'
import { type Stack, startStack } from '#test/support/stack.ts'

/** The readable page of the REST API, as a whole Ringway serves it to a browser that reaches nothing else. */

let stack: Stack
let browser: Browser
let page: Page
/** What the page complained about, and what it asked others for. */
const complaints: string[] = []
const foreignRequests: string[] = []

beforeAll(async () => {
  stack = await startStack({ web: true })
  browser = await launchBrowser()
  page = await browser.newPage({ viewport: { width: 1280, height: 1600 } })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (origin !== new URL(stack.url).origin && protocol !== 'data:') foreignRequests.push(request.url())
  })
  await page.goto(`${stack.url}/docs/api/`)
  await page.locator('html[data-ready]').waitFor({ state: 'attached' })
})

afterAll(async () => {
  await browser?.close()
  await stack?.stop()
})

test('shows every operation and the guide, of one origin, under its policy, without a complaint', async () => {
  expect(await page.title()).toBe('Ringway REST API')
  await page.getByRole('heading', { name: 'Tokens', exact: true }).waitFor()
  const shown = await page.locator('[id^="operations-"]').evaluateAll((blocks) => blocks.map(({ id }) => id.split('-').at(-1)))
  for (const id of Object.keys(operations)) expect(shown).toContain(id)
  expect(await page.locator('.errors-wrapper').count()).toBe(0)
  expect(foreignRequests).toEqual([])
  expect(complaints).toEqual([])
})

test('lets a developer try an operation with a token', async () => {
  const response = await fetch(`${stack.url}/sapi/o/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'password', username: stack.admin.account, password: stack.admin.password }),
  })
  const { access_token: token } = (await response.json()) as { access_token: string }
  await page.getByRole('button', { name: 'Authorize', exact: true }).click()
  const dialog = page.locator('.auth-container', { hasText: 'bearer' }).first()
  await dialog.locator('input').first().fill(token)
  await dialog.getByRole('button', { name: /apply credentials/i }).click()
  await page.locator('.btn-done').first().click()
  const operation = page.locator('#operations-Users-getOwnUser')
  await operation.locator('.opblock-summary-control').click()
  await operation.getByRole('button', { name: 'Try it out' }).click()
  await operation.getByRole('button', { name: 'Execute' }).click()
  await operation.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor()
  expect(await operation.locator('.live-responses-table').innerText()).toContain('"username": "admin"')
  expect(foreignRequests).toEqual([])
  expect(complaints).toEqual([])
})
