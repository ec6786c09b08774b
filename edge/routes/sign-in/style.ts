/**
 * The look of the provider's pages: the webphone's sign-in (edge/web/ui), by the same tokens, which a test
 * holds equal. They stand alone, since the pages are served without the web applications.
 */
export const tokens = `
  --brand-hue: 264;
  --brand-chroma: 0.175;
  --neutral-hue: var(--brand-hue);
  --page: light-dark(oklch(0.968 0.005 var(--neutral-hue)), oklch(0.172 0.012 var(--neutral-hue)));
  --surface: light-dark(oklch(1 0 0), oklch(0.212 0.014 var(--neutral-hue)));
  --surface-hover: light-dark(oklch(0.25 0.03 var(--neutral-hue) / 0.05), oklch(0.95 0.02 var(--neutral-hue) / 0.06));
  --line: light-dark(oklch(0.905 0.008 var(--neutral-hue)), oklch(0.305 0.016 var(--neutral-hue)));
  --line-strong: light-dark(oklch(0.62 0.02 var(--neutral-hue)), oklch(0.55 0.02 var(--neutral-hue)));
  --text: light-dark(oklch(0.235 0.022 var(--neutral-hue)), oklch(0.955 0.006 var(--neutral-hue)));
  --text-soft: light-dark(oklch(0.47 0.022 var(--neutral-hue)), oklch(0.755 0.014 var(--neutral-hue)));
  --accent: light-dark(oklch(0.51 var(--brand-chroma) var(--brand-hue)), oklch(0.56 var(--brand-chroma) var(--brand-hue)));
  --accent-hover: light-dark(oklch(0.46 var(--brand-chroma) var(--brand-hue)), oklch(0.54 var(--brand-chroma) var(--brand-hue)));
  --accent-text: light-dark(oklch(0.48 var(--brand-chroma) var(--brand-hue)), oklch(0.79 0.1 var(--brand-hue)));
  --on-accent: oklch(0.99 0.005 var(--brand-hue));
  --danger-text: light-dark(oklch(0.5 0.19 26), oklch(0.78 0.12 24));
  --danger-soft: light-dark(oklch(0.955 0.022 22), oklch(0.29 0.07 24));
  --focus: light-dark(oklch(0.53 0.2 var(--brand-hue)), oklch(0.8 0.12 var(--brand-hue)));
  --font: 'Hanken Grotesk Variable', system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
  --text-sm: 0.875rem;
  --text-md: 0.9375rem;
  --text-2xl: clamp(1.75rem, 1.3rem + 1.6vw, 2.5rem);
  --radius-md: 0.75rem;
  --radius-xl: 1.5rem;
  --fast: 120ms;
`

export const style = `:root {
  color-scheme: light dark;
${tokens}}
*, *::before, *::after { box-sizing: border-box; }
html {
  background: var(--page);
  color: var(--text);
  font: 400 var(--text-md) / 1.5 var(--font);
  -webkit-font-smoothing: antialiased;
  -webkit-text-size-adjust: 100%;
}
body { display: grid; align-content: center; justify-items: center; min-block-size: 100dvh; margin: 0; padding: 1rem; }
h1, p, ul { margin: 0; padding: 0; }
h1 { font-size: var(--text-2xl); font-weight: 650; line-height: 1.2; letter-spacing: -0.025em; text-wrap: balance; overflow-wrap: anywhere; }
main {
  inline-size: 100%;
  max-inline-size: 27rem;
  padding: 1.75rem 1.5rem 2rem;
  border: 1px solid var(--line);
  border-radius: var(--radius-xl);
  background: var(--surface);
}
.brand { display: flex; align-items: center; gap: 0.625rem; margin-block-end: 1.75rem; font-size: 1.1875rem; font-weight: 700; letter-spacing: -0.02em; }
.brand svg { flex: none; color: var(--accent); }
.lead { margin-block: 0.5rem 1.5rem; color: var(--text-soft); text-wrap: pretty; overflow-wrap: anywhere; }
form, .providers { display: grid; gap: 1.125rem; }
.field { display: grid; gap: 0.375rem; }
label { font-size: var(--text-sm); font-weight: 600; }
input {
  min-block-size: 2.875rem;
  inline-size: 100%;
  padding: 0 0.875rem;
  border: 1px solid var(--line-strong);
  border-radius: var(--radius-md);
  background: var(--surface);
  color: inherit;
  font: inherit;
  font-size: 1rem;
}
input:focus { outline: none; border-color: var(--focus); box-shadow: 0 0 0 1px var(--focus); }
.hint { color: var(--text-soft); font-size: var(--text-sm); }
.error { margin-block-end: 1.125rem; padding: 0.625rem 0.875rem; border-radius: var(--radius-md); background: var(--danger-soft); color: var(--danger-text); font-size: var(--text-sm); font-weight: 550; }
button, .button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  min-block-size: 3rem;
  inline-size: 100%;
  padding-inline: 1.375rem;
  border: 1px solid var(--line-strong);
  border-radius: var(--radius-md);
  background: transparent;
  color: var(--text);
  font: inherit;
  font-weight: 600;
  line-height: 1.2;
  text-align: center;
  text-decoration: none;
  cursor: pointer;
  transition: background-color var(--fast);
}
button:hover, .button:hover { background: var(--surface-hover); }
button.primary { border-color: transparent; background: var(--accent); color: var(--on-accent); }
button.primary:hover { background: var(--accent-hover); }
:focus-visible:not(input) { outline: 2px solid var(--focus); outline-offset: 2px; }
.or { display: flex; align-items: center; gap: 0.75rem; margin-block: 1.25rem; color: var(--text-soft); font-size: var(--text-sm); }
.or::before, .or::after { flex: 1; block-size: 1px; background: var(--line); content: ''; }
.scopes { display: grid; gap: 0.5rem; margin-block: 0 1.5rem; padding-inline-start: 1.25rem; }
.foot { margin-block-start: 1.25rem; color: var(--text-soft); font-size: var(--text-sm); overflow-wrap: anywhere; }
.foot a { color: var(--accent-text); }
@media (prefers-reduced-motion: reduce) { button, .button { transition: none; } }
`

/** Sends a form by itself where scripts run; elsewhere its button does. */
export const submitScript = 'document.forms[0]?.requestSubmit()\n'
