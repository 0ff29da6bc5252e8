import { useCallback, useSyncExternalStore } from "react";

const KEY = "kamiyo.user_email";
const PLAUSIBLE = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const CHANGED = "kamiyo:user-email";

function read() {
  try {
    const email = (window.localStorage.getItem(KEY) ?? "").trim();
    return PLAUSIBLE.test(email) ? email : "";
  } catch {
    // Storage can be switched off: then the page does not know the visitor.
    return "";
  }
}

function write(email) {
  try {
    window.localStorage.setItem(KEY, email);
  } catch {
    // Nothing is remembered where storage is switched off.
  }
  window.dispatchEvent(new Event(CHANGED));
}

function subscribe(onChange) {
  const events = ["storage", CHANGED];
  events.forEach((name) => window.addEventListener(name, onChange));
  return () => events.forEach((name) => window.removeEventListener(name, onChange));
}

/**
 * The e-mail address that this visitor saved on the dashboard, or "" where none is known, and a
 * function that replaces it. It is kept in this browser only, under `kamiyo.user_email`.
 */
export function useUserEmail() {
  const email = useSyncExternalStore(subscribe, read, () => "");
  const save = useCallback((value) => write(value.trim()), []);
  return [email, save];
}
