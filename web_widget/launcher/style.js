/** Needed before chat.css is there. `!important` on the host wins over every rule of the page (CSS Cascade 5, 6.1). */
export const style = `
:host {
  all: initial !important;
  display: contents !important;
  direction: ltr !important;
  font: 400 max(16px, 1rem) / 1.7 var(--pref-chat-font, "Noto Sans JP", -apple-system, BlinkMacSystemFont, sans-serif) !important;
  letter-spacing: .02em !important;
  color-scheme: light dark;
  --_primary: var(--pref-chat-primary, #0017c1);
  --_hover: var(--pref-chat-primary-hover, #00118f);
  --_active: var(--pref-chat-primary-active, #000060);
  --_on-primary: var(--pref-chat-on-primary, #fff);
  --_ground: var(--pref-chat-background, #fff);
  --_text: var(--pref-chat-text, #1a1a1a);
  --_x: var(--pref-chat-inset-inline, 16px);
  --_y: var(--pref-chat-inset-block, 16px);
}
@media (prefers-color-scheme: dark) {
  :host { --_ground: var(--pref-chat-background, #1a1a1a); --_text: var(--pref-chat-text, #f2f2f2) }
}
:host([hidden]), [hidden] { display: none !important }
*, ::before, ::after { box-sizing: border-box }
button { font: inherit; letter-spacing: inherit; cursor: pointer; touch-action: manipulation }
:focus-visible { outline: 4px solid #000; outline-offset: 2px; box-shadow: 0 0 0 2px #ffd43d }
.launcher, .panel {
  position: fixed; inset: auto calc(var(--_x) + env(safe-area-inset-right)) calc(var(--_y) + env(safe-area-inset-bottom)) auto;
  margin: 0; z-index: var(--pref-chat-z-index, 2147483000); box-shadow: 0 2px 8px 1px #0000001a, 0 1px 5px #0000004d;
}
:host([position="left"]) :is(.launcher, .panel) { right: auto; left: calc(var(--_x) + env(safe-area-inset-left)) }
.launcher {
  display: flex; align-items: center; gap: .5em; min-height: 56px; padding: 4px 20px 4px 12px; translate: 0 var(--_lift, 0);
  border: 2px solid #fff; border-radius: 36px; background: var(--_primary); color: var(--_on-primary); font-weight: 700; line-height: 1.3;
}
.launcher[aria-busy] { opacity: .6; transition: opacity 0s .3s; cursor: wait }
.launcher :is(svg, img) { width: 2.5em; height: 2.5em; object-fit: contain }
.launcher .ground { fill: var(--_on-primary) }
.launcher .mark { fill: none; stroke: var(--_primary); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
.launcher:active { background: var(--_active); text-decoration: underline }
@media (hover: hover) { .launcher:hover:not(:active) { background: var(--_hover); text-decoration: underline } }
.panel {
  width: 25em; max-width: calc(100vw - 2 * var(--_x)); max-height: calc(100dvh - 2 * var(--_y)); padding: 0;
  border: 1px solid #666; border-radius: var(--pref-chat-radius, 16px); background: var(--_ground); color: var(--_text); overflow-wrap: anywhere;
}
.failed { padding: 20px }
.failed button { min-height: 48px; margin-inline-end: 8px; padding: 4px 16px; border: 1px solid; border-radius: 8px; background: none; color: inherit }
@media print { .launcher, .panel { display: none !important } }
`;
