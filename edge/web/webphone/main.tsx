import '@fontsource-variable/hanken-grotesk/index.css'
import '../ui/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { RingwayClient } from '#shared/sdk/index.ts'
import { applyBrand, brand } from '../brand.ts'
import { App } from './App.tsx'
import { browserDevices } from './state/browser-devices.ts'
import { Phone } from './state/Phone.ts'

declare global {
  interface Window {
    /** For tests in browsers only: there when the page's address has `?test`. */
    __ringway?: { readonly client: RingwayClient }
  }
}

/** Null where the browser keeps nothing for this page. */
function storage(): Storage | null {
  try {
    return window.localStorage
  } catch {
    return null
  }
}

const client = new RingwayClient({ url: window.location.origin })
if (new URLSearchParams(window.location.search).has('test'))
  // oxlint-disable-next-line eslint/no-underscore-dangle -- The name says that it is no part of the page's interface.
  window.__ringway = { client }

const phone = new Phone({
  client,
  devices: browserDevices,
  storage: storage(),
  window,
  now: Date.now,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
})
applyBrand(brand, document.documentElement)

const root = document.getElementById('root')
if (root === null) throw new TypeError('The page has no #root')
createRoot(root).render(
  <StrictMode>
    <App phone={phone} />
  </StrictMode>,
)
void phone.start()
