// Browsers start no worker of a page that was opened from the disk, and search is one. There, and only there, its
// script runs in a frame of the page: what is posted goes over as an event, scripts are added one after the other.
if (location.protocol === "file:")
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      frame.title = ""
      document.body.append(frame)
      const inside = frame.contentWindow
      const add = script => new Promise(done => {
        const element = frame.contentDocument.createElement("script")
        element.src = script
        element.onload = element.onerror = done
        frame.contentDocument.head.append(element)
      })
      inside.importScripts = (...scripts) => scripts.reduce((before, script) => before.then(() => add(script)), Promise.resolve())
      inside.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
      this.started = add(url).then(() => inside)
    }

    postMessage(data) {
      this.started.then(inside => inside.dispatchEvent(new MessageEvent("message", { data })))
    }

    terminate() {}
  }
