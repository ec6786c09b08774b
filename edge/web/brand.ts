/**
 * What a deployment shows as its own. The name, the mark and two numbers make a brand: every colour of
 * the interface is derived from the hue and the chroma (ui/tokens.css), light and dark alike.
 */
export interface Brand {
  readonly name: string
  /** OKLCH hue of the accent, in degrees. */
  readonly hue: number
  /** OKLCH chroma of the accent, 0 (grey) to about 0.2 (vivid). */
  readonly chroma: number
  /** Path of an image to show in place of the built-in mark, on the page's own origin. */
  readonly logo?: string
}

export const brand: Brand = { name: 'Ringway', hue: 264, chroma: 0.175 }

/** Gives the page its brand's colours. The style sheet derives the rest. */
export function applyBrand({ hue, chroma }: Brand, root: HTMLElement): void {
  root.style.setProperty('--brand-hue', String(hue))
  root.style.setProperty('--brand-chroma', String(chroma))
}
