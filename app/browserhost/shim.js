// Stands in for what the window gives the page: window.go.app.Bridge and
// window.runtime. It runs before the scripts of the screens.
(() => {
  'use strict';

  const call = async (method, args) => {
    let response;
    try {
      response = await fetch('/host/call', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ method, args }),
      });
    } catch {
      throw failure('FieldPay was stopped on this machine', 'Start fieldpayctl serve again and open the new address.');
    }
    if (!response.ok) {
      throw failure((await response.text()).trim().slice(0, 200), '');
    }
    const answer = await response.json();
    if (answer.error) throw new Error(answer.error);
    return answer.result;
  };

  const failure = (message, hint) =>
    new Error(JSON.stringify({ code: 'internal', message, hint, fields: {} }));

  const bridge = new Proxy({}, {
    get: (_, name) => (typeof name === 'string' && name !== 'then' ? (...args) => call(name, args) : undefined),
  });

  const listeners = new Map();
  const on = (name, callback, times) => {
    const entry = { callback, left: times };
    if (!listeners.has(name)) listeners.set(name, new Set());
    listeners.get(name).add(entry);
    return () => listeners.get(name)?.delete(entry);
  };
  const announce = (name, ...data) => {
    for (const entry of [...(listeners.get(name) ?? [])]) {
      if (entry.left > 0 && --entry.left === 0) listeners.get(name)?.delete(entry);
      entry.callback(...data);
    }
  };

  let opened = false;
  const source = new EventSource('/host/events');
  source.onmessage = (message) => {
    const { name, data } = JSON.parse(message.data);
    announce(name, data);
  };
  // What was announced while the stream was down is not repeated: after a
  // return everything counts as changed.
  source.onopen = () => {
    if (opened) for (const topic of ['status', 'outbox', 'reference', 'session']) announce('fieldpay:changed', topic);
    opened = true;
  };

  window.go = { app: { Bridge: bridge } };
  window.runtime = {
    EventsOn: (name, callback) => on(name, callback, -1),
    EventsOnce: (name, callback) => on(name, callback, 1),
    EventsOnMultiple: (name, callback, times) => on(name, callback, times),
    EventsOff: (...names) => names.forEach((name) => listeners.delete(name)),
    EventsOffAll: () => listeners.clear(),
    EventsEmit: announce,
    BrowserOpenURL: (url) => void window.open(url, '_blank', 'noopener'),
    Environment: async () => ({ buildType: 'production', platform: 'browser', arch: '' }),
  };
})();
