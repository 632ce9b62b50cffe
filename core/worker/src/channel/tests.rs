use std::{io::Write as _, time::Duration};

use super::*;

fn pair() -> (Channel, Channel) {
    let (a, b) = UnixStream::pair().expect("a pair of sockets");
    (Channel::new(a).expect("a channel"), Channel::new(b).expect("a channel"))
}

fn object(json: Json) -> Map<String, Json> {
    json.as_object().expect("an object").clone()
}

fn numbers(values: &[f64]) -> Array<'_> {
    let dims = vec![values.len() as u64];
    Array { name: "x".into(), element: Element::F64, dims, bytes: bytemuck::cast_slice(values) }
}

#[test]
fn small_and_large_arrays_keep_their_bits() {
    let (mut ours, mut theirs) = pair();
    let large: Vec<f64> = (0..50_000).map(|i| f64::from(i).sqrt()).collect();
    for values in [&[0.1, f64::MIN_POSITIVE, -0.0][..], &large] {
        let frame = Frame { json: object(json!({ "id": 7 })), arrays: vec![numbers(values)], ..Frame::default() };
        ours.send(frame, None).expect("sent");
        let received = theirs.receive(None).expect("received");
        assert_eq!(received.json, object(json!({ "id": 7 })));
        let array = received.array("x").expect("the array");
        assert_eq!((array.bytes(), array.is_mapped()), (bytemuck::cast_slice(values), values.len() > 8192));
    }
}

#[test]
fn an_array_that_does_not_fill_its_dimensions_ends_where_its_bytes_end() {
    let (mut ours, mut theirs) = pair();
    let short = Array { dims: vec![3], ..numbers(&[1.0, 2.0]) };
    let next = Array { name: "y".into(), ..numbers(&[9.0; 20]) };
    ours.send(Frame { arrays: vec![short, next], ..Frame::default() }, None).expect("sent");
    let received = theirs.receive(None).expect("received");
    let array = received.array("x").expect("the array");
    assert_eq!((&array.dims[..], array.bytes().len()), (&[3][..], 16), "the receiver sees that they do not fit");
}

#[test]
fn a_shared_segment_is_sent_once_and_forgotten_when_nobody_uses_it() {
    let (mut ours, mut theirs) = pair();
    let values = vec![1.5; 20_000];
    let shared = Shared::new(&[numbers(&values)]).expect("a segment");
    let mut places = Vec::new();
    for _ in 0..2 {
        ours.send(Frame { shared: vec![shared.clone()], ..Frame::default() }, None).expect("sent");
        let received = theirs.receive(None).expect("received");
        places.push(received.arrays[0].bytes().as_ptr());
    }
    assert_eq!(places[0], places[1], "the same mapping serves both frames");
    assert_eq!(theirs.segments.len(), 1);
    drop(shared);
    ours.send(Frame::default(), None).expect("sent");
    theirs.receive(None).expect("received");
    assert!(theirs.segments.is_empty());
}

#[test]
fn what_does_not_keep_to_the_protocol_is_refused_by_name() {
    let wrong = [
        (r#"{"a": 1, "a": 2}"#, "the key `a` is given twice"),
        (r#"[]"#, "no JSON object"),
        (r#"{"arrays": [{"name": "x", "type": "bool", "dims": [1], "at": 0}]}"#, "unknown type `bool`"),
        (r#"{"arrays": [{"name": "x", "type": "f64", "dims": [9], "at": 0}]}"#, "does not lie in its 0 bytes"),
        (r#"{"arrays": [{"name": "x", "type": "f64", "dims": [18446744073709551615], "at": 0}]}"#, "does not lie"),
        (r#"{"arrays": [{"name": "x", "type": "u8", "dims": [0], "at": 8}]}"#, "does not lie"),
        (r#"{"arrays": [{"name": "x", "type": "u8", "dims": [-1], "at": 0}]}"#, "no dimensions"),
        (r#"{"arrays": [{"name": "x", "type": "u8", "dims": [1], "at": 0, "segment": 3}]}"#, "segment 3"),
        (r#"{"segments": [{"id": 1, "bytes": 10}]}"#, "no descriptor"),
    ];
    for (json, said) in wrong {
        let (a, mut b) = UnixStream::pair().expect("a pair of sockets");
        let mut head = (json.len() as u32).to_le_bytes().to_vec();
        head.extend([0; 4]);
        b.write_all(&[&head, json.as_bytes()].concat()).expect("written");
        let error = Channel::new(a).expect("a channel").receive(None).expect_err(json).to_string();
        assert!(error.contains(said), "{json}: {error}");
    }
}

#[test]
fn a_length_beyond_the_limit_is_not_allocated() {
    let (a, mut b) = UnixStream::pair().expect("a pair of sockets");
    b.write_all(&[255; 8]).expect("written");
    let error = Channel::new(a).expect("a channel").receive(None).expect_err("too long").to_string();
    assert!(error.contains("4294967295"), "{error}");
}

#[test]
fn waiting_ends_with_the_deadline_or_the_other_side() {
    let (mut ours, theirs) = pair();
    let late = ours.receive(Some(Instant::now() + Duration::from_millis(20)));
    assert!(matches!(late, Err(Broken::Late)), "{late:?}");
    drop(theirs);
    assert!(matches!(ours.receive(None), Err(Broken::Closed)));
    assert!(matches!(ours.send(Frame::default(), None), Err(Broken::Closed)));
}
