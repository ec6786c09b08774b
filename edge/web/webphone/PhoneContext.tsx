import { createContext, useContext } from 'react'
import type { Phone } from './state/Phone.ts'

export const PhoneContext = createContext<Phone | null>(null)

export function usePhone(): Phone {
  const phone = useContext(PhoneContext)
  if (phone === null) throw new TypeError('usePhone needs a PhoneContext around it')
  return phone
}
